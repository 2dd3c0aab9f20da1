// Package secret makes and checks passwords and random tokens.
package secret

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of a password, argon2id: 19 MiB, twice, one lane.
const (
	memory = 19 * 1024
	passes = 2
)

// Hasher hashes passwords, some at a time: each takes 19 MiB.
type Hasher struct{ room chan struct{} }

// NewHasher returns a Hasher that works on so many at once.
func NewHasher(parallel int) *Hasher { return &Hasher{make(chan struct{}, max(1, parallel))} }

func (h *Hasher) key(ctx context.Context, password string, salt []byte) ([]byte, error) {
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
		return argon2.IDKey([]byte(password), salt, passes, memory, 1, 32), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Hash returns the stored form of a password.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt)
	key, err := h.key(ctx, password, salt)
	if err != nil {
		return "", fmt.Errorf("secret: hash: %w", err)
	}
	e := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s", argon2.Version, memory, passes, e.EncodeToString(salt), e.EncodeToString(key)), nil
}

// Verify says whether the password is the one of the stored form.
func (h *Hasher) Verify(ctx context.Context, phc, password string) (ok, rehash bool, err error) {
	parts := strings.Split(phc, "$")
	if len(parts) != 6 {
		return false, false, nil
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil {
		return false, false, nil
	}
	key, err := h.key(ctx, password, salt)
	return err == nil && subtle.ConstantTimeCompare(key, want) == 1, false, err
}

// Dummy takes the time of Verify.
func (h *Hasher) Dummy(ctx context.Context, password string) error {
	_, err := h.key(ctx, password, make([]byte, 16))
	return err
}

// Token returns 256 random bits and their hash.
func Token() (string, []byte) {
	b := make([]byte, 32)
	_, _ = rand.Read(b)
	plain := base64.RawURLEncoding.EncodeToString(b)
	return plain, HashToken(plain)
}

// HashToken is what is stored of a token.
func HashToken(plain string) []byte {
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}

// Verdict says whether a password can be taken.
type Verdict struct {
	OK     bool
	Reason string
}

// Strength judges a password.
func Strength(password string, _ ...string) Verdict {
	if len([]rune(password)) < 8 {
		return Verdict{Reason: "short"}
	}
	return Verdict{OK: true}
}
