package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/foyer-app/foyer/internal/impact"
)

// analysis is one method on a file: it defines its flags and returns what computes.
type analysis struct {
	name string
	flag func(f flags) func(o tableOptions, t terminal) (any, error)
}

func analyses() []analysis {
	return []analysis{{"km", kmFlags}, {"match", matchFlags}, {"did", didFlags}, {"bgnbd", bgnbdFlags}}
}

// impactOn computes a published method on a file, for whoever wants to check what
// Foyer computes. It needs no database.
func impactOn(_ context.Context, args []string, _ config, t terminal) error {
	asJSON := false
	for len(args) > 0 && slices.Contains([]string{"--json", "-json"}, args[0]) {
		asJSON, args = true, args[1:]
	}
	if len(args) == 0 || slices.Contains([]string{"help", "-h", "--help"}, args[0]) {
		_, err := fmt.Fprintln(t.out, t.locale.T("impact_cli.usage"))
		return err
	}
	at := slices.IndexFunc(analyses(), func(a analysis) bool { return a.name == args[0] })
	if at < 0 {
		return &usageError{t.locale.T("impact_cli.unknown", "name", args[0]) + "\n\n" + t.locale.T("impact_cli.usage")}
	}
	f := newFlags("impact "+args[0], t)
	f.BoolVar(&asJSON, "json", asJSON, "")
	var o tableOptions
	f.StringVar(&o.separator, "separator", "", "")
	f.BoolVar(&o.noHeader, "no-header", false, "")
	gaps := f.String("missing", "error", "")
	compute := analyses()[at].flag(f)
	rest, err := f.parse(args[1:])
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return &usageError{t.locale.T("impact_cli.one_file") + "\n\n" + t.locale.T("impact_cli.usage")}
	}
	if *gaps != "error" && *gaps != "drop" {
		return &usageError{t.locale.T("impact_cli.missing_how", "value", *gaps)}
	}
	o.path, o.drop = rest[0], *gaps == "drop"
	result, err := compute(o, t)
	if err != nil {
		return err
	}
	if asJSON {
		e := json.NewEncoder(t.out)
		e.SetEscapeHTML(false)
		return e.Encode(result)
	}
	return printResult(t.out, result)
}

// need is the usage error of a flag that was not given.
func need(t terminal, names ...string) error {
	return &usageError{t.locale.T("impact_cli.need", "flags", strings.Join(names, ", ")) + "\n\n" + t.locale.T("impact_cli.usage")}
}

// number is a float64 in JSON; null where there is none.
type number float64

// MarshalJSON writes null for what is no number.
func (n number) MarshalJSON() ([]byte, error) {
	v := float64(n)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, v, 'g', -1, 64), nil
}

// estimateJSON is an estimate in JSON.
type estimateJSON struct {
	N      int    `json:"n"`
	Value  number `json:"value"`
	SE     number `json:"se"`
	Low    number `json:"low"`
	High   number `json:"high"`
	Reason string `json:"reason,omitempty"`
}

func toJSON(e impact.Estimate) estimateJSON {
	return estimateJSON{e.N, number(e.Value), number(e.SE), number(e.Low), number(e.High), e.Reason}
}

// printResult writes a result as text: the same names as in JSON, one value a line,
// lists as tables.
func printResult(w io.Writer, result any) error {
	data, err := json.Marshal(result)
	if err != nil {
		return fmt.Errorf("impact: encode the result: %w", err)
	}
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	if err := printValue(table, d, ""); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return table.Flush()
}

// printValue walks the tokens, so that the order of the fields is kept.
func printValue(w io.Writer, d *json.Decoder, name string) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	delim, ok := token.(json.Delim)
	if !ok {
		return printLine(w, name, token)
	}
	for i := 0; d.More(); i++ {
		inner := name + "[" + strconv.Itoa(i+1) + "]"
		if delim == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			inner = strings.TrimPrefix(name+"."+fmt.Sprint(key), ".")
		}
		if err := printValue(w, d, inner); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func printLine(w io.Writer, name string, v any) error {
	text := "–"
	switch v := v.(type) {
	case nil:
	case json.Number:
		text = v.String()
		if f, err := v.Float64(); err == nil && strings.ContainsAny(text, ".e") {
			text = strconv.FormatFloat(f, 'g', 7, 64)
		}
	default:
		text = fmt.Sprint(v)
	}
	_, err := fmt.Fprintf(w, "%s\t%s\n", name, text)
	return err
}
