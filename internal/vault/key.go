package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// version is the first byte of everything sealed.
const version = 1

// overhead is what AES-GCM adds: 12 bytes of nonce before, 16 of tag after.
const overhead = 28

// What Open refuses.
var (
	// ErrUnknownKey means that the ring lacks the key: it was retired too early, or
	// the wrong key file is in place.
	ErrUnknownKey = errors.New("vault: sealed by a key that is not in the ring")
	// ErrTampered means that the bytes are not what was sealed for this purpose.
	ErrTampered = errors.New("vault: not what was sealed for this purpose")
)

// Key is one key of a ring. It never prints, whatever it is printed by.
type Key struct {
	ID     string
	secret [keySize]byte
}

// Format writes the id, whatever the verb: without it %x or %d would print the
// bytes through reflection.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// String returns the id.
func (k Key) String() string { return "key " + k.ID }

// GoString returns the id.
func (k Key) GoString() string { return k.String() }

// LogValue returns the id.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON writes the id.
func (k Key) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", k.String()), nil }

// Format writes the ids, whatever the verb.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, r.String()) }

// String returns the ids.
func (r *Ring) String() string {
	if r == nil || r.state.Load() == nil {
		return "no keys"
	}
	return fmt.Sprintf("keys %v", r.state.Load().keys)
}

// GoString returns the ids.
func (r *Ring) GoString() string { return r.String() }

// LogValue returns the ids.
func (r *Ring) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON writes the ids.
func (r *Ring) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, "%q", r.String()), nil }

// Seal encrypts plain for a purpose ("connection.token") with the primary key. The
// result holds the key's id in the clear and is 30 bytes and the id longer than plain.
func (r *Ring) Seal(purpose string, plain []byte) []byte {
	k := r.current().keys[0]
	aead, err := k.aead(purpose)
	if err != nil {
		// The same call succeeded when the keys were read; going on would lose the
		// secret or write it in the clear.
		panic("vault: seal: " + err.Error())
	}
	head := append([]byte{version, byte(len(k.ID))}, k.ID...)
	sealed := make([]byte, 0, len(head)+len(plain)+overhead)
	return aead.Seal(append(sealed, head...), nil, plain, bound(head, purpose))
}

// Open decrypts what Seal made for the same purpose. ErrUnknownKey or ErrTampered
// otherwise; before the former it reads the key file again, if that has changed.
// What was sealed empty opens as an empty slice.
func (r *Ring) Open(purpose string, sealed []byte) ([]byte, error) {
	id, head, ok := split(sealed)
	if !ok {
		return nil, ErrTampered
	}
	k, ok := r.state.Load().key(id)
	if !ok {
		if k, ok = r.current().key(id); !ok {
			return nil, ErrUnknownKey
		}
	}
	aead, err := k.aead(purpose)
	if err != nil {
		return nil, fmt.Errorf("vault: open: %w", err)
	}
	plain, err := aead.Open([]byte{}, nil, sealed[len(head):], bound(head, purpose))
	if err != nil {
		return nil, ErrTampered
	}
	return plain, nil
}

// Stale says whether something was sealed by another key than the primary and
// should be sealed again. What was not sealed at all is stale too.
func (r *Ring) Stale(sealed []byte) bool {
	id, _, ok := split(sealed)
	return !ok || id != r.current().keys[0].ID
}

// MAC returns a keyed fingerprint of 32 bytes of the parts, for a purpose
// ("suppression"). It does not change when keys rotate. Parts are kept apart:
// ("ab", "c") and ("a", "bc") differ.
func (r *Ring) MAC(purpose string, parts ...[]byte) []byte {
	key, err := r.state.Load().mac.derive("mac", purpose)
	if err != nil {
		panic("vault: fingerprint: " + err.Error()) // as in Seal
	}
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(p))))
		h.Write(p)
	}
	return h.Sum(nil)
}

// split returns the key's id and the part before the nonce.
func split(sealed []byte) (id string, head []byte, ok bool) {
	if len(sealed) < 2 || sealed[0] != version {
		return "", nil, false
	}
	n := 2 + int(sealed[1])
	if len(sealed) < n+overhead || !validID(string(sealed[2:n])) {
		return "", nil, false
	}
	return string(sealed[2:n]), sealed[:n], true
}

// bound is the additional data: version and key id with their lengths, and the
// purpose. The keys differ by purpose already; this holds even if two should collide.
func bound(head []byte, purpose string) []byte {
	return append(append([]byte{}, head...), purpose...)
}

func (k Key) aead(purpose string) (cipher.AEAD, error) {
	key, err := k.derive("seal", purpose)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

func (k Key) derive(use, purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, k.secret[:], nil, "foyer vault 1 "+use+" "+purpose, keySize)
}
