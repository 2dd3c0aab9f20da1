package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// demoEmail is the address of the demo's visitor; nobody can have it.
const demoEmail = "visitor@foyer.example"

// demo serves a Foyer of its own with the sample data, on this machine only, and
// prints a link that lets in once. With FOYER_DATA_DIR it is there again next
// time; without, everything is gone at the end. With --live the sample community
// lives on stand-ins of the platforms, and is always gone at the end.
func demo(ctx context.Context, args []string, c config, t terminal) (err error) {
	f := newFlags("demo", t)
	addr := f.String("addr", "127.0.0.1:0", "")
	show := f.Bool("open", true, "")
	live := f.Bool("live", false, "")
	pace := f.Int("pace", usualPace, "")
	if rest, err := f.parse(args); err != nil {
		return err
	} else if len(rest) > 0 {
		return &usageError{t.locale.T("cli.unexpected", "argument", rest[0])}
	}
	if loopback(*addr) != nil {
		return &usageError{t.locale.T("cli.demo_loopback", "addr", *addr)}
	}
	if *pace < 1 || *pace > fastestPace || *pace != usualPace && !*live {
		return &usageError{t.locale.T("cli.live.pace", "fastest", strconv.Itoa(fastestPace))}
	}
	// Whatever the environment is set up for: no other database, no visitors
	// from elsewhere, no letters, no platforms, no exchange rates but the bundled ones.
	c.DatabaseURL, c.SMTP, c.MetricsAddr, c.OpenSignUp, c.door, c.vars, c.RatesURL = "", "", "", false, door{}, nil, noRates
	if *live || !c.dataDirGiven {
		remove, err := c.throwaway()
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
		defer func() { err = errors.Join(err, remove()) }()
	}
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		return fmt.Errorf("%s: %w", t.locale.T("cli.port_taken", "addr", *addr), err)
	}
	defer listener.Close()
	if *live {
		return serveLive(ctx, c, t, listener, *show, *pace)
	}
	return serveDemo(ctx, c, t, listener, *show)
}

// throwaway makes the data directory a temporary one, which remove takes away.
func (c *config) throwaway() (remove func() error, err error) {
	dir, err := os.MkdirTemp(c.TempDir, "foyer-demo-")
	if err != nil {
		return nil, err
	}
	c.DataDir = dir
	// Started by root, PostgreSQL runs as another user, who must get in. What is
	// secret below has its own mode.
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return func() error { return os.RemoveAll(dir) }, nil
}

func serveDemo(ctx context.Context, c config, t terminal, listener net.Listener, show bool) error {
	log := c.logger(t, true)
	db, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.close()
	code, err := prepareDemo(ctx, c, t, db.store, log)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	link := "http://" + listener.Addr().String() + "/demo?" + url.Values{"code": {code}}.Encode()
	fmt.Fprintln(t.out, t.locale.T("cli.demo", "url", link))
	if program := c.browser(); show && program != "" {
		openLink(ctx, program, link, log)
	}
	return serveRoles(ctx, c, t, log, db, list{roleWeb, roleWorker, roleListen}, listener)
}

// prepareDemo makes the visitor and the sample data, as far as they are not there
// yet, and returns the code of the link.
func prepareDemo(ctx context.Context, c config, t terminal, s *store.Store, log *slog.Logger) (string, error) {
	ring, err := c.ring()
	if err != nil {
		return "", err
	}
	s = s.WithKeys(ring)
	accounts := account.New(account.Config{Store: s, Hasher: secret.NewHasher(passwordsAtOnce), Ring: ring, Log: log, Now: time.Now})
	visitor, err := demoVisitor(ctx, accounts, t)
	if err != nil {
		return "", err
	}
	in := ingest.New(ingest.Config{Store: s, Connectors: all.List(), Log: log, Uploads: c.uploads(), Limits: c.limits(), Ring: ring})
	jobs, err := in.Client(false)
	if err != nil {
		return "", err
	}
	if _, err := in.MakeSample(ctx, jobs, visitor, t.locale.String()); err != nil {
		return "", err
	}
	return accounts.DemoCode(ctx, visitor)
}

// demoVisitor is the person that the link lets in. An instance that somebody
// works with is left alone.
func demoVisitor(ctx context.Context, a *account.Accounts, t terminal) (store.User, error) {
	u, _, err := a.CreateFirst(ctx, account.NewUser{Email: demoEmail, Name: t.locale.T("cli.demo_visitor"), Verified: true}, store.Organisation{
		Name: sample.Name, Kind: "brand", Sample: true, TimeZone: "Europe/Paris", Currency: "EUR", Language: t.locale.String(),
	})
	if !errors.Is(err, store.ErrNotFirst) {
		return u, err
	}
	u, err = a.Store.UserByEmail(ctx, demoEmail)
	if errors.Is(err, community.ErrNotFound) {
		return u, errors.New(t.locale.T("cli.demo_taken"))
	}
	return u, err
}

// browser is the program that opens a link on this machine's desktop; empty where
// there is none.
func (c config) browser() string {
	switch {
	case runtime.GOOS == "darwin":
		return "open"
	case c.Display != "" || c.Wayland != "":
		return "xdg-open"
	}
	return ""
}

// openLink shows a link in the visitor's browser. It is printed too: what goes
// wrong here is not worth more than a line in the log.
func openLink(ctx context.Context, program, link string, log *slog.Logger) {
	cmd := exec.CommandContext(ctx, program, link)
	if err := cmd.Start(); err != nil {
		log.InfoContext(ctx, "no browser was opened", slog.String("program", program), slog.Any("error", err))
		return
	}
	go func() { _ = cmd.Wait() }() // so that the ended program does not linger
}
