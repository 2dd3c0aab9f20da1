package main

import (
	"context"
	"errors"
	"strings"

	"github.com/foyer-app/foyer/internal/store"
)

// organisationFor returns the organisation that a command works for: the named
// one, else the only one. A new instance gets its first here.
func organisationFor(ctx context.Context, s *store.Store, name string, t terminal) (int64, error) {
	list, err := s.Organisations(ctx)
	if err != nil {
		return 0, err
	}
	if len(list) == 0 && name == "" {
		return s.LocalOrganisation(ctx)
	}
	var names []string
	var found []int64
	for _, o := range list {
		if o.Sample && name == "" {
			continue // the sample data is nobody's work
		}
		names = append(names, o.Name)
		if name == "" || strings.EqualFold(o.Name, name) {
			found = append(found, o.ID)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) == 0:
		return 0, errors.New(t.locale.T("cli.no_organisation", "name", name, "names", t.locale.List(names)))
	}
	return 0, errors.New(t.locale.T("cli.which_organisation", "names", t.locale.List(names)))
}
