package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// MaxPassword bounds a password, in bytes as it was typed.
const MaxPassword = 1024

// What Hash and Verify refuse.
var (
	ErrTooLong = fmt.Errorf("secret: the password is over %d bytes", MaxPassword)
	// ErrFormat means that a stored hash is none of argon2id, or asks for more memory
	// or time than anything that Foyer ever wrote.
	ErrFormat = errors.New("secret: not a hash of a password")
)

// params are the costs of one hash.
type params struct {
	memory uint32 // KiB
	time   uint32 // passes
	lanes  uint8
}

// today are the costs of new hashes: the profile of 19 MiB, about 30 ms of one core.
func today() params { return params{memory: 19 << 10, time: 2, lanes: 1} }

const (
	saltSize = 16
	hashSize = 32

	// A stored hash may ask for this much at most, so that a row that somebody
	// wrote into the database cannot take the machine's memory.
	maxMemory = 256 << 10 // KiB
	maxTime   = 16
	maxLanes  = 8
)

// Hasher hashes passwords, so many at a time as its memory allows: 19 MiB each.
// It is safe for concurrent use.
type Hasher struct{ slots chan struct{} }

// NewHasher returns a Hasher that works on up to parallel passwords at a time, at
// least one; the others wait.
func NewHasher(parallel int) *Hasher {
	return &Hasher{slots: make(chan struct{}, max(parallel, 1))}
}

// Hash returns the hash of a password with a new salt, as a PHC string. It waits
// for its turn until ctx ends. ErrTooLong for more than MaxPassword bytes.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	if len(password) > MaxPassword {
		return "", ErrTooLong
	}
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails, by its contract
	p := today()
	sum, err := h.sum(ctx, password, salt, p, hashSize)
	if err != nil {
		return "", fmt.Errorf("secret: hash: %w", err)
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.lanes,
		b64.EncodeToString(salt), b64.EncodeToString(sum)), nil
}

// Verify says whether phc is the hash of the password, and whether it should be
// made anew because it was made with other costs than today's; rehash is false when
// the password is wrong. A password that is too long is a wrong one. ErrFormat when
// phc cannot be read.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (ok, rehash bool, err error) {
	p, salt, want, err := parsePHC(phc)
	if err != nil {
		return false, false, err
	}
	if len(password) > MaxPassword {
		return false, false, nil
	}
	got, err := h.sum(ctx, password, salt, p, uint32(len(want)))
	if err != nil {
		return false, false, fmt.Errorf("secret: verify: %w", err)
	}
	ok = subtle.ConstantTimeCompare(got, want) == 1
	return ok, ok && (p != today() || len(salt) != saltSize || len(want) != hashSize), nil
}

// Dummy takes the time of Verify and finds nothing: it is for people that do not
// exist, so that the time does not tell. The error is that of waiting, as in Verify.
func (h *Hasher) Dummy(ctx context.Context, password string) error {
	if len(password) > MaxPassword {
		return nil
	}
	if _, err := h.sum(ctx, password, make([]byte, saltSize), today(), hashSize); err != nil {
		return fmt.Errorf("secret: verify: %w", err)
	}
	return nil
}

func (h *Hasher) sum(ctx context.Context, password string, salt []byte, p params, size uint32) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err // select would choose at random
	}
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(normal(password)), salt, p.time, p.memory, p.lanes, size), nil
}

// normal makes one text of those that look the same but were typed on different
// keyboards: an é of one character or of two, full-width letters.
func normal(password string) string { return norm.NFKC.String(password) }

// parsePHC reads $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func parsePHC(phc string) (p params, salt, sum []byte, err error) {
	fail := func() (params, []byte, []byte, error) { return params{}, nil, nil, ErrFormat }
	if len(phc) > 512 {
		return fail()
	}
	f := strings.Split(phc, "$")
	if len(f) != 6 || f[0] != "" || f[1] != "argon2id" || f[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return fail()
	}
	if _, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil ||
		f[3] != fmt.Sprintf("m=%d,t=%d,p=%d", p.memory, p.time, p.lanes) { // nothing before, between or after
		return fail()
	}
	if p.memory < 8*uint32(p.lanes) || p.memory > maxMemory || p.time < 1 || p.time > maxTime || p.lanes < 1 || p.lanes > maxLanes {
		return fail()
	}
	salt, err = base64.RawStdEncoding.Strict().DecodeString(f[4])
	if err != nil || len(salt) < 8 || len(salt) > 64 {
		return fail()
	}
	sum, err = base64.RawStdEncoding.Strict().DecodeString(f[5])
	if err != nil || len(sum) < 16 || len(sum) > 64 {
		return fail()
	}
	return p, salt, sum, nil
}
