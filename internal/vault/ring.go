package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

const (
	keySize = 32
	maxID   = 32 // characters of a key's id; it is written into everything sealed
	macID   = "mac"
	maxKeys = 64
)

// Ring is a set of keys. It is safe for concurrent use. A ring that was loaded
// from a file follows that file: see Reload.
type Ring struct {
	state atomic.Pointer[state]
	path  string     // of the key file; empty when the keys came from a setting
	mu    sync.Mutex // one reload at a time
}

// state is one reading of the keys; it never changes.
type state struct {
	keys []Key // the primary first
	mac  Key
	file fileID
}

// Parse reads the keys of a setting: "id:base64" entries, separated by commas or
// line breaks, each of 32 random bytes. The first is the primary, the others only
// open. The entry "mac", wherever it stands, is the fingerprint key and must be
// there: derived from a rotating key, fingerprints would not outlive it. Ids are
// lower-case letters, digits, "-" and "_". Errors name entries by id or position,
// never by content.
func Parse(text string) (*Ring, error) {
	s, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("vault: parse keys: %w", err)
	}
	r := &Ring{}
	r.state.Store(s)
	return r, nil
}

// Generate returns the text of a new ring, one entry a line, for Parse or a file.
func Generate() string {
	return entry(newKey(macID)) + entry(newKey(newID()))
}

// Primary returns the id of the key that seals.
func (r *Ring) Primary() string { return r.current().keys[0].ID }

// IDs returns the ids of the sealing keys, the primary first.
func (r *Ring) IDs() []string {
	var ids []string
	for _, k := range r.current().keys {
		ids = append(ids, k.ID)
	}
	return ids
}

func parse(text string) (*state, error) {
	s := &state{}
	for i, e := range entries(text) {
		k, err := parseKey(e)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", i+1, err)
		}
		if err := s.add(k); err != nil {
			return nil, err
		}
	}
	switch {
	case len(s.keys) == 0:
		return nil, errors.New("no sealing key: add an entry id:base64 of 32 random bytes (openssl rand -base64 32)")
	case s.mac.ID == "":
		return nil, errors.New(`no fingerprint key: add an entry mac:base64 of 32 random bytes (openssl rand -base64 32) and never change it`)
	}
	return s, s.check()
}

// entries splits a text; lines that start with # are comments.
func entries(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		for e := range strings.SplitSeq(line, ",") {
			if e = strings.TrimSpace(e); e != "" {
				list = append(list, e)
			}
		}
	}
	return list
}

func parseKey(text string) (Key, error) {
	id, encoded, ok := strings.Cut(text, ":")
	id, encoded = strings.TrimSpace(id), strings.TrimSpace(encoded)
	if !ok || !validID(id) {
		return Key{}, errors.New(`not of the form id:base64, the id being 1 to 32 of a-z, 0-9, "-" and "_"`)
	}
	secret, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return Key{}, fmt.Errorf("key %s is not base64", id)
	}
	if len(secret) != keySize {
		return Key{}, fmt.Errorf("key %s has %d bytes, not %d", id, len(secret), keySize)
	}
	return Key{ID: id, secret: [keySize]byte(secret)}, nil
}

func validID(id string) bool {
	return id != "" && len(id) <= maxID && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

// add puts a key behind those that are there. The same secret under two ids is
// refused: it is a slip of copying that would make a rotation void.
func (s *state) add(k Key) error {
	for _, other := range append(slices.Clone(s.keys), s.mac) {
		if other.ID == k.ID {
			return fmt.Errorf("key %s is there twice", k.ID)
		}
		if other.ID != "" && other.secret == k.secret {
			return fmt.Errorf("keys %s and %s are the same", other.ID, k.ID)
		}
	}
	if bytes.Count(k.secret[:], k.secret[:1]) == keySize {
		return fmt.Errorf("key %s is one byte repeated, not random", k.ID)
	}
	if k.ID == macID {
		s.mac = k
		return nil
	}
	if len(s.keys) == maxKeys {
		return fmt.Errorf("more than %d keys", maxKeys)
	}
	s.keys = append(s.keys, k)
	return nil
}

// check seals and opens once, so that whatever the platform's cryptography refuses
// shows when the keys are read and not when something is sealed.
func (s *state) check() error {
	for _, k := range append(slices.Clone(s.keys), s.mac) {
		if _, err := k.aead("check"); err != nil {
			return fmt.Errorf("key %s: %w", k.ID, err)
		}
	}
	return nil
}

func (s *state) key(id string) (Key, bool) {
	i := slices.IndexFunc(s.keys, func(k Key) bool { return k.ID == id })
	if i < 0 {
		return Key{}, false
	}
	return s.keys[i], true
}

// text is what parse reads.
func (s *state) text() string {
	var b strings.Builder
	b.WriteString(header)
	b.WriteString(entry(s.mac))
	for _, k := range s.keys {
		b.WriteString(entry(k))
	}
	return b.String()
}

const header = `# The keys of this Foyer. Whoever reads them can read what it keeps encrypted; without
# them nobody can. Keep a copy, apart from the copies of the database.
# mac is for fingerprints and stays for ever; of the others the first one seals.
`

func entry(k Key) string {
	return k.ID + ":" + base64.StdEncoding.EncodeToString(k.secret[:]) + "\n"
}

func newKey(id string) Key {
	k := Key{ID: id}
	_, _ = rand.Read(k.secret[:]) // never fails, by its contract
	return k
}

func newID() string {
	var b [4]byte
	_, _ = rand.Read(b[:])
	return "k" + hex.EncodeToString(b[:])
}
