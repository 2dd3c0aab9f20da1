package identity

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/foyer-app/foyer/internal/community"
)

// Bounds of what others hand over, in bytes.
const (
	maxAccount = 512
	maxCode    = 128
)

// What is refused. The text is not repeated.
var (
	ErrAccount = errors.New("not an account id")
	ErrCode    = errors.New("not a personal code")
)

// Account is the id of an account at a provider (a platform, a shop, a billing
// system, a company that signs people in), as the provider writes it: capitals
// differ. Ids of two providers never compare.
func Account(provider community.Platform, id string) (Value, error) {
	id = strings.TrimFunc(id, blank)
	switch {
	case provider == "" || strings.ContainsRune(string(provider), '/') || id == "" || len(provider)+len(id) > maxAccount:
		return Value{}, ErrAccount
	case !utf8.ValidString(id) || strings.ContainsFunc(id, unicode.IsControl):
		return Value{}, fmt.Errorf("%w: characters that do not print", ErrAccount)
	}
	return Value{KindAccount, string(provider) + "/" + id}, nil
}

// Code is a personal code as people type it: capitals, blanks and dashes do not
// matter, letters and digits do.
func Code(raw string) (Value, error) {
	if len(raw) > maxCode || !utf8.ValidString(raw) {
		return Value{}, ErrCode
	}
	var b strings.Builder
	for _, r := range norm.NFKC.String(raw) {
		switch {
		case blank(r) || unicode.In(r, unicode.Pd) || r == '_' || r == '.':
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToUpper(r))
		default:
			return Value{}, fmt.Errorf("%w: something else than letters and digits", ErrCode)
		}
	}
	if b.Len() == 0 {
		return Value{}, ErrCode
	}
	return Value{KindCode, b.String()}, nil
}
