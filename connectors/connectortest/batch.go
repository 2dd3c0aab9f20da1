package connectortest

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
)

// longest bounds an ExternalID in bytes: it is part of an index.
const longest = 512

// pure checks that Normalize gives the same twice and leaves its payload alone.
func (s suite) pure() error {
	return s.each("payload.json", func(name string) error {
		p, err := s.payload(name)
		if err != nil {
			return err
		}
		body := bytes.Clone(p.Body)
		first, err1 := s.connector.Normalize(p)
		second, err2 := s.connector.Normalize(p)
		switch {
		case !bytes.Equal(body, p.Body):
			return errors.New("it changed the body")
		case fmt.Sprint(err1) != fmt.Sprint(err2):
			return fmt.Errorf("gave %v, then %v", err1, err2)
		case !reflect.DeepEqual(first, second):
			return errors.New("gave two different batches")
		}
		return nil
	})
}

// cut checks every beginning of the body: a sound batch or an error, no panic.
func (s suite) cut() error {
	return s.each("payload.json", func(name string) error {
		p, err := s.payload(name)
		if err != nil {
			return err
		}
		body := p.Body
		for i := range body {
			p.Body = body[:i:i]
			batch, err := s.normalize(p)
			if errors.Is(err, errPanic) {
				return fmt.Errorf("cut at byte %d: %w", i, err)
			}
			if err != nil {
				continue
			}
			if err := check(s.connector.Platform(), batch); err != nil {
				return fmt.Errorf("cut at byte %d: %w", i, err)
			}
		}
		return nil
	})
}

// sound checks the batch of every case.
func (s suite) sound() error {
	return s.each("payload.json", func(name string) error {
		p, err := s.payload(name)
		if err != nil {
			return err
		}
		batch, err := s.normalize(p)
		if err != nil {
			return err
		}
		return check(s.connector.Platform(), batch)
	})
}

var errPanic = errors.New("normalize panicked")

// normalize makes an error of a panic.
func (s suite) normalize(p connectors.Payload) (batch community.Batch, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	return s.connector.Normalize(p)
}

// check returns what is wrong with a batch.
func check(platform community.Platform, b community.Batch) error {
	var all []error
	seen := map[string]bool{}
	once := func(part, id string) {
		if id == "" || seen[part+id] {
			all = append(all, fmt.Errorf("%s %q is empty or there twice", part, id))
		}
		seen[part+id] = true
	}
	for _, a := range b.Activities {
		once("activity", a.ExternalID)
		if err := checkActivity(string(platform)+"/", a); err != nil {
			all = append(all, fmt.Errorf("activity %q: %w", a.ExternalID, err))
		}
	}
	for _, i := range b.Identities {
		once("identity", i.ExternalID)
		all = append(all, storable(append([]string{i.ExternalID, i.Name, i.Handle, i.Email}, i.Roles...)...))
	}
	for _, c := range b.Channels {
		once("channel", c.ExternalID)
		all = append(all, storable(c.ExternalID, c.Name, c.Parent))
	}
	all = append(all, checkBusiness(b.Business, once))
	return errors.Join(all...)
}

func checkActivity(prefix string, a community.Activity) error {
	switch {
	case !strings.HasPrefix(a.ExternalID, prefix):
		return fmt.Errorf("does not begin with %q", prefix)
	case a.Parent != "" && !strings.HasPrefix(a.Parent, prefix):
		return fmt.Errorf("parent %q does not begin with %q", a.Parent, prefix)
	case len(a.ExternalID) > longest || len(a.Parent) > longest:
		return fmt.Errorf("is longer than %d bytes", longest)
	case a.Kind < community.Message || a.Kind > community.Notice:
		return fmt.Errorf("kind %d is not known", a.Kind)
	case a.At.IsZero() && !(a.Keyed && a.Revision > 0) || a.At.Location() != time.UTC:
		return fmt.Errorf("time %v is zero or not in UTC", a.At)
	case (a.Parent == "" || a.Keyed) != a.ParentAt.IsZero():
		return errors.New("has a parent without its time, or a time without its parent")
	case a.Parent != "" && a.ParentAt.Location() != time.UTC:
		return fmt.Errorf("parent's time %v is not in UTC", a.ParentAt)
	case a.Deleted != (a.Revision == community.Tombstone) && !(a.Deleted && a.Revision > 0 && (a.Keyed || a.Kind == community.Reaction)):
		return errors.New("is deleted without the revision of a tombstone, or the other way round")
	case a.Amount < 0 || a.Revision < 0:
		return errors.New("has a negative amount or revision")
	}
	for _, to := range a.To {
		if to == "" {
			return errors.New("is addressed to an empty identity")
		}
	}
	return storable(append([]string{a.ExternalID, a.Actor, a.Channel, a.Parent, a.Detail}, a.To...)...)
}

// storable checks what a database refuses in a text.
func storable(texts ...string) error {
	for _, s := range texts {
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			return fmt.Errorf("%q is not UTF-8 without zero bytes", s)
		}
	}
	return nil
}
