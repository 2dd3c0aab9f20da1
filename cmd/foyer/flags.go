package main

import (
	"flag"
	"io"
	"strings"

	"github.com/foyer-app/foyer/web/i18n"
)

// flags is a flag set whose mistakes become usage errors in the visitor's
// language, and that accepts flags behind the other arguments too.
type flags struct {
	*flag.FlagSet
	locale i18n.Locale
}

func newFlags(name string, t terminal) flags {
	f := flags{flag.NewFlagSet(name, flag.ContinueOnError), t.locale}
	f.SetOutput(io.Discard)
	return f
}

// parse reads flags and returns the other arguments.
func (f flags) parse(args []string) ([]string, error) {
	var rest []string
	for {
		if err := f.Parse(args); err != nil {
			return nil, &usageError{err.Error() + "\n\n" + f.locale.T("cli.usage")}
		}
		args = f.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}

// list is a flag that can be given several times, or with commas.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(v string) error {
	for part := range strings.SplitSeq(v, ",") {
		if part = strings.TrimSpace(part); part != "" {
			*l = append(*l, part)
		}
	}
	return nil
}
