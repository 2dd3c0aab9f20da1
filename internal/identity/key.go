package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Kind says what a key was made of. Keys of different kinds never compare. The
// texts are stored and part of each key: they never change.
type Kind string

// The kinds.
const (
	KindEmail      Kind = "email"
	KindEmailLoose Kind = "email_loose" // for suggestions only, never a link by itself
	KindPhone      Kind = "phone"
	KindAccount    Kind = "account" // an account id at a provider
	KindCode       Kind = "code"    // a personal code
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{KindEmail, KindEmailLoose, KindPhone, KindAccount, KindCode} }

// Value is something normalised that a person is recognised by. It is personal
// data and does not print; Text gives it to what seals or shows it. The zero Value
// has no key.
type Value struct {
	kind Kind
	text string
}

// Kind returns what the value is.
func (v Value) Kind() Kind { return v.kind }

// Text returns the normalised value itself.
func (v Value) Text() string { return v.text }

// IsZero says whether there is no value.
func (v Value) IsZero() bool { return v.text == "" }

// Format writes the kind, whatever the verb.
func (v Value) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, v.String()) }

// String returns the kind.
func (v Value) String() string { return "value of kind " + string(v.kind) }

// LogValue returns the kind.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalText refuses: a value goes nowhere by accident.
func (v Value) MarshalText() ([]byte, error) {
	return nil, errors.New("identity: a value is not written as it stands")
}

// KeySize is the length of a key's fingerprint in bytes.
const KeySize = sha256.Size

// Key tells whether two values of one organisation are the same. It is comparable,
// and a pseudonym: personal data to whoever has the vault.
type Key struct {
	Kind Kind
	MAC  [KeySize]byte
}

// Bytes returns the fingerprint as it is stored, beside its kind.
func (k Key) Bytes() []byte { return append([]byte(nil), k.MAC[:]...) }

// Format writes the kind, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// String returns the kind.
func (k Key) String() string { return "key of kind " + string(k.Kind) }

// LogValue returns the kind.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// StoredKey puts a key together from its columns.
func StoredKey(kind Kind, mac []byte) (Key, error) {
	if len(mac) != KeySize {
		return Key{}, fmt.Errorf("identity: a stored key of %d bytes, not %d", len(mac), KeySize)
	}
	return Key{Kind: kind, MAC: [KeySize]byte(mac)}, nil
}

// Fingerprints is what keys are derived from: the vault's ring.
type Fingerprints interface {
	// MAC returns 32 bytes of the parts for a purpose, the same for ever.
	MAC(purpose string, parts ...[]byte) []byte
}

// Keys makes the keys of one organisation. It can be used by several goroutines at
// once.
type Keys struct{ secrets map[Kind][]byte }

// purpose is what the organisations' secrets are derived for. It never changes.
const purpose = "identity key"

// NewKeys returns the maker of an organisation's keys.
func NewKeys(ring Fingerprints, organisation int64) *Keys {
	k := &Keys{secrets: map[Kind][]byte{}}
	for _, kind := range Kinds() {
		k.secrets[kind] = ring.MAC(purpose, binary.BigEndian.AppendUint64(nil, uint64(organisation)), []byte(kind))
	}
	return k
}

// Of returns the key of a value. Those that people hold in common (Email.Role) have
// keys too: the caller leaves them out.
func (k *Keys) Of(v Value) (Key, error) {
	secret, ok := k.secrets[v.kind]
	if !ok || v.IsZero() {
		return Key{}, errors.New("identity: nothing to make a key of")
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(v.kind))
	h.Write([]byte{0})
	h.Write([]byte(v.text))
	return Key{Kind: v.kind, MAC: [KeySize]byte(h.Sum(nil))}, nil
}

// Format keeps the secrets from being printed.
func (k *Keys) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "keys of an organisation") }

// LogValue keeps the secrets from being logged.
func (k *Keys) LogValue() slog.Value { return slog.StringValue("keys of an organisation") }
