// Command foyer measures communities: it serves the pages, does the background
// work, imports exports and prints figures. One binary, one database.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
	_ "time/tzdata" // time zones on machines that have none

	"github.com/foyer-app/foyer/web/i18n"
)

// version is set by the linker.
var version = "dev"

func main() { start(onThisMachine) }

// start is the process. standIns lets platforms be reached on this machine: it is
// for tests that run the command, and nothing that is set turns it on.
func start(standIns bool) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A reader that goes away (| head) is an error of the write: the database is
	// left in order.
	signal.Ignore(syscall.SIGPIPE)
	if err := runWith(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr, standIns); err != nil {
		var usage *usageError
		if errors.Is(err, syscall.EPIPE) {
			os.Exit(1)
		}
		fmt.Fprintln(os.Stderr, "foyer:", err)
		if errors.As(err, &usage) {
			os.Exit(2)
		}
		os.Exit(1)
	}
}

// usageError is a command line that cannot be understood.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

// terminal is what a command reads from and writes to.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	locale   i18n.Locale
}

// command is one subcommand: it gets the arguments behind its name.
type command struct {
	name string
	run  func(ctx context.Context, args []string, c config, t terminal) error
}

func commands() []command {
	return []command{
		{"serve", serve},
		{"demo", demo},
		{"migrate", migrate},
		{"import", importFiles},
		{"kpis", kpis},
		{"export", export},
		{"impact", impactOn},
		{"admin", admin},
		{"version", printVersion},
	}
}

// run is main without the process: everything it needs arrives as an argument.
func run(ctx context.Context, args, environ []string, in io.Reader, out, errOut io.Writer) error {
	return runWith(ctx, args, environ, in, out, errOut, false)
}

func runWith(ctx context.Context, args, environ []string, in io.Reader, out, errOut io.Writer, standIns bool) error {
	t := terminal{in: in, out: out, err: errOut, locale: localeOf(environ)}
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		_, err := fmt.Fprintln(out, t.locale.T("cli.usage"))
		return err
	}
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		conf, err := readConfig(environ)
		if err != nil {
			return err
		}
		conf.standIns = standIns
		return c.run(ctx, args[1:], conf, t)
	}
	return &usageError{t.locale.T("cli.unknown_command", "name", args[0]) + "\n\n" + t.locale.T("cli.usage")}
}

func printVersion(_ context.Context, _ []string, _ config, t terminal) error {
	_, err := fmt.Fprintln(t.out, "foyer", version)
	return err
}
