package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/store"
)

// mapOptions are the flags of `foyer import` that say how tables are read.
type mapOptions struct {
	file    string
	mapping connectors.Mapping
	given   bool // by a flag or a file: what is remembered does not count then
}

func (o *mapOptions) flags(f *flag.FlagSet) {
	f.StringVar(&o.file, "map", "", "")
	f.StringVar(&o.mapping.Kind, "kind", "", "")
	f.StringVar(&o.mapping.Tax, "tax", "", "")
	f.StringVar(&o.mapping.Rate, "rate", "", "")
	f.StringVar(&o.mapping.Currency, "currency", "", "")
	f.StringVar(&o.mapping.AsOf, "as-of", "", "")
}

// read completes the flags with the file; a flag counts more.
func (o *mapOptions) read(t terminal) error {
	said := o.mapping
	o.given = o.file != "" || said.Kind+said.Tax+said.Rate+said.Currency+said.AsOf != ""
	if o.file != "" {
		raw, err := os.ReadFile(o.file)
		if err != nil {
			return &usageError{t.locale.T("cli.no_file", "path", o.file)}
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.DisallowUnknownFields()
		if err := d.Decode(&o.mapping); err != nil {
			return &usageError{t.locale.T("cli.bad_map", "path", o.file, "error", err.Error())}
		}
	}
	for _, p := range []struct {
		said string
		to   *string
	}{
		{said.Kind, &o.mapping.Kind}, {said.Tax, &o.mapping.Tax}, {said.Rate, &o.mapping.Rate}, {said.Currency, &o.mapping.Currency}, {said.AsOf, &o.mapping.AsOf},
	} {
		if p.said != "" {
			*p.to = p.said
		}
	}
	if tax := o.mapping.Tax; tax != "" && tax != connectors.TaxIncluded && tax != connectors.TaxExcluded {
		return &usageError{t.locale.T("cli.bad_tax")}
	}
	return nil
}

// answers are what the import will ask about tables: what was said here, else what
// the community remembers.
func (o *mapOptions) answers(ctx context.Context, s *store.Store, i store.Import, dateOrder string) error {
	if o.given {
		m := o.mapping
		if m.DateOrder == "" {
			m.DateOrder = dateOrder
		}
		i.Answers[connectors.QuestionMapping] = m.JSON()
		return nil
	}
	all, err := s.Mappings(ctx, i.Scope)
	if err != nil {
		return err
	}
	for shape, mapping := range all {
		i.Answers[connectors.MappingQuestion(shape)] = mapping
	}
	return nil
}

// askMapping goes on with what was detected where nothing is missing; else it says
// what is.
func askMapping(q store.Question, t terminal) (string, error) {
	if len(q.Options) == 0 {
		return connectors.Mapping{}.JSON(), nil
	}
	return "", errors.New(t.locale.T("cli.ask.mapping.remedy", "file", q.File, "missing", strings.Join(q.Options, ", ")))
}
