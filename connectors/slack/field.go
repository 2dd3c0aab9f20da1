package slack

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/foyer-app/foyer/connectors/jsonstream"
)

// object walks the members of an object held in body.
func object(body []byte, fn func(key string, v jsonstream.Value) error) error {
	return jsonstream.Of(body).Object(fn)
}

// within walks the members of v when it is an object.
func within(v jsonstream.Value, fn func(key string, v jsonstream.Value) error) error {
	if v.Kind() != '{' {
		return nil
	}
	return v.Object(fn)
}

// each walks the elements of v when it is an array.
func each(v jsonstream.Value, fn func(v jsonstream.Value) error) error {
	if v.Kind() != '[' {
		return nil
	}
	return v.Array(fn)
}

// text sets s to a string, or to a number as it is written; Slack gives some
// fields either way. Anything else leaves s alone.
func text(v jsonstream.Value, s *string) error {
	switch v.Kind() {
	case '"', '0':
		raw, err := v.Raw()
		if err == nil {
			*s = unquote(raw)
		}
		return err
	}
	return nil
}

// maxName bounds an id or the name of an emoji in bytes. They become part of
// ids, which a database indexes.
const maxName = 100

// name sets s as text does; one that is too long counts as absent.
func name(v jsonstream.Value, s *string) error {
	long := *s
	err := text(v, &long)
	if len(long) <= maxName {
		*s = long
	}
	return err
}

// names appends the ids of an array.
func names(v jsonstream.Value, list *[]string) error {
	return each(v, func(v jsonstream.Value) error {
		var s string
		if err := name(v, &s); err != nil {
			return err
		}
		if s != "" {
			*list = append(*list, s)
		}
		return nil
	})
}

// boolean sets b to a truth value.
func boolean(v jsonstream.Value, b *bool) error {
	switch v.Kind() {
	case 't', 'f':
		*b = v.Kind() == 't'
	}
	return nil
}

// unquote reads a string as encoding/json does, but also takes one with raw
// control characters. Zero bytes are dropped: no database keeps them.
func unquote(raw []byte) string {
	if raw[0] != '"' {
		return string(raw)
	}
	inner := raw[1 : len(raw)-1]
	if simple(inner) {
		return string(inner)
	}
	var s string
	if json.Unmarshal(raw, &s) != nil {
		s = strings.ToValidUTF8(string(inner), "\uFFFD")
	}
	return strings.ReplaceAll(s, "\x00", "")
}

// simple says that a string means what it says: valid, without escapes or
// control characters.
func simple(s []byte) bool {
	ascii := true
	for _, c := range s {
		if c < ' ' || c == '\\' {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(s)
}
