package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"github.com/foyer-app/foyer/internal/exportfs"
	"github.com/foyer-app/foyer/internal/logging"
	"github.com/foyer-app/foyer/web/i18n"
)

// config is everything that the environment says. It is read once and handed
// down by value.
type config struct {
	DatabaseURL string `env:"DATABASE_URL"`    // empty: the private cluster
	DataDir     string `env:"FOYER_DATA_DIR"`  // cluster and uploads
	PGBinDir    string `env:"FOYER_PG_BINDIR"` // of postgres and initdb
	PGFetch     bool   `env:"FOYER_PG_FETCH" envDefault:"true"`

	// The front door.
	URL         string   `env:"FOYER_URL"`                              // where visitors find the instance; empty: this machine only
	Proxies     []string `env:"FOYER_TRUSTED_PROXIES" envSeparator:","` // addresses or networks whose X-Forwarded-For is believed
	Keys        string   `env:"FOYER_KEYS,unset"`                       // the vault's; empty: a file in the data directory
	OpenSignUp  bool     `env:"FOYER_OPEN_SIGN_UP"`
	SMTP        string   `env:"FOYER_SMTP_URL,unset"` // smtp://user:password@host:587; empty: letters are kept
	MailFrom    string   `env:"FOYER_MAIL_FROM"`      // Foyer <foyer@example.com>
	MetricsAddr string   `env:"FOYER_METRICS_ADDR"`   // empty: no metrics
	RatesURL    string   `env:"FOYER_FX_URL"`         // of exchange rates; empty: the European Central Bank; off

	Elsewhere elsewhere
	// How long /readyz tells a load balancer that the server stops before it refuses connections.
	StopDelay time.Duration `env:"FOYER_STOP_DELAY" envDefault:"0s"`

	LogFormat string     `env:"FOYER_LOG_FORMAT" envDefault:"text"` // text or json
	LogLevel  slog.Level `env:"FOYER_LOG_LEVEL" envDefault:"info"`

	// What the desktop and the system say.
	TempDir string `env:"TMPDIR"`
	Display string `env:"DISPLAY"`
	Wayland string `env:"WAYLAND_DISPLAY"`

	door         door
	dataDirGiven bool
	living       *living           // set by foyer demo --live, by nothing that the environment says
	standIns     bool              // platforms may be on this machine: see start
	vars         map[string]string // the environment, for what the connectors name themselves

	// Bounds of foreign input.
	MaxUpload  int64 `env:"FOYER_MAX_UPLOAD_MB" envDefault:"20480"`  // MiB of one upload
	MaxArchive int64 `env:"FOYER_MAX_ARCHIVE_MB" envDefault:"51200"` // MiB of an archive, unpacked
	MaxRatio   int   `env:"FOYER_MAX_ARCHIVE_RATIO" envDefault:"200"`
	MaxFiles   int   `env:"FOYER_MAX_ARCHIVE_FILES" envDefault:"2000000"`
}

// readConfig reads the environment and reports every problem at once.
func readConfig(environ []string) (config, error) {
	vars := env.ToMap(environ)
	var c config
	if err := env.ParseWithOptions(&c, env.Options{Environment: vars}); err != nil {
		return c, fmt.Errorf("configuration: %w", err)
	}
	c.vars = vars
	var problems []string
	if c.LogFormat != "text" && c.LogFormat != "json" {
		problems = append(problems, fmt.Sprintf("FOYER_LOG_FORMAT is %q: say text or json", c.LogFormat))
	}
	for name, v := range map[string]int64{
		"FOYER_MAX_UPLOAD_MB": c.MaxUpload, "FOYER_MAX_ARCHIVE_MB": c.MaxArchive,
		"FOYER_MAX_ARCHIVE_RATIO": int64(c.MaxRatio), "FOYER_MAX_ARCHIVE_FILES": int64(c.MaxFiles),
	} {
		if v <= 0 || v > 1<<40 {
			problems = append(problems, fmt.Sprintf("%s is %d: say a number above 0", name, v))
		}
	}
	problems = append(problems, c.readDoor()...)
	c.dataDirGiven = c.DataDir != ""
	if problem := checkMetrics(c.MetricsAddr); problem != "" {
		problems = append(problems, problem)
	}
	if problem := checkRates(c.RatesURL); problem != "" {
		problems = append(problems, problem)
	}
	if c.StopDelay < 0 || c.StopDelay > time.Minute {
		problems = append(problems, fmt.Sprintf("FOYER_STOP_DELAY is %s: say 0s to 1m", c.StopDelay))
	}
	if c.DataDir == "" {
		c.DataDir = defaultDataDir(vars)
	}
	if c.DataDir == "" {
		problems = append(problems, "FOYER_DATA_DIR is not set and there is no home directory to derive it from")
	} else if abs, err := filepath.Abs(c.DataDir); err == nil {
		c.DataDir = abs
	}
	if len(problems) > 0 {
		return c, fmt.Errorf("configuration: %s", strings.Join(problems, "; "))
	}
	return c, nil
}

// defaultDataDir is below the user's state directory.
func defaultDataDir(vars map[string]string) string {
	home := vars["HOME"]
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	switch {
	case vars["XDG_STATE_HOME"] != "":
		return filepath.Join(vars["XDG_STATE_HOME"], "foyer")
	case home == "":
		return ""
	case runtime.GOOS == "darwin":
		return filepath.Join(home, "Library", "Application Support", "foyer")
	default:
		return filepath.Join(home, ".local", "state", "foyer")
	}
}

func (c config) uploads() string { return filepath.Join(c.DataDir, "uploads") }

func (c config) limits() exportfs.Limits {
	return exportfs.Limits{MaxTotal: c.MaxArchive << 20, MaxRatio: c.MaxRatio, MaxFiles: c.MaxFiles}
}

// logger writes to the terminal's error stream; quiet raises the level for
// commands whose output people read.
func (c config) logger(t terminal, quiet bool) *slog.Logger {
	level := c.LogLevel
	if quiet {
		level = max(level, slog.LevelWarn)
	}
	opts := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(logging.Handler(slog.NewJSONHandler(t.err, opts)))
	}
	return slog.New(logging.Handler(slog.NewTextHandler(t.err, opts)))
}

// localeOf follows the usual variables; English when they say nothing.
func localeOf(environ []string) i18n.Locale {
	vars := env.ToMap(environ)
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := vars[name]; v != "" {
			if l, ok := i18n.Parse(strings.ToLower(v[:min(2, len(v))])); ok {
				return l
			}
			return i18n.English
		}
	}
	return i18n.English
}
