package secret

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
)

func TestHashVerify(t *testing.T) {
	t.Parallel()
	h := NewHasher(2)
	phc, err := h.Hash(t.Context(), "café crème")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(phc, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash %s", phc)
	}
	if again, err := h.Hash(t.Context(), "café crème"); err != nil || again == phc {
		t.Errorf("two hashes are the same, or %v", err)
	}
	cases := map[string]struct {
		password string
		want     bool
	}{
		"same":          {"café crème", true},
		"two code each": {"cafe\u0301 cre\u0300me", true},
		"full width":    {"ｃafé crème", true},
		"capitals":      {"Café crème", false},
		"no accent":     {"cafe creme", false},
		"space behind":  {"café crème ", false},
		"empty":         {"", false},
		"too long":      {strings.Repeat("x", 1025), false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ok, rehash, err := h.Verify(t.Context(), phc, c.password)
			if ok != c.want || rehash || err != nil {
				t.Errorf("got %v, %v, %v", ok, rehash, err)
			}
		})
	}
}

func TestHashTooLong(t *testing.T) {
	t.Parallel()
	h := NewHasher(1)
	if _, err := h.Hash(t.Context(), strings.Repeat("x", MaxPassword+1)); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v", err)
	}
	long := strings.Repeat("x", MaxPassword)
	phc, err := h.Hash(t.Context(), long)
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := h.Verify(t.Context(), phc, long[1:]+"y"); ok || err != nil {
		t.Errorf("the end of a long password does not count: %v, %v", ok, err)
	}
}

// weak is the argon2id of "password" and "somesalt" with few passes over little
// memory; argon2's own vectors check the sum.
func weak(costs string, p params) string {
	sum := argon2.IDKey([]byte("password"), []byte("somesalt"), p.time, p.memory, p.lanes, 32)
	return "$argon2id$v=19$" + costs + "$c29tZXNhbHQ$" + b64(sum)
}

func TestRehash(t *testing.T) {
	t.Parallel()
	phc := weak("m=64,t=1,p=1", params{64, 1, 1})
	if ok, rehash, err := NewHasher(1).Verify(t.Context(), phc, "password"); !ok || !rehash || err != nil {
		t.Errorf("right password: %v, %v, %v", ok, rehash, err)
	}
	if ok, rehash, err := NewHasher(1).Verify(t.Context(), phc, "passwort"); ok || rehash || err != nil {
		t.Errorf("wrong password: %v, %v, %v", ok, rehash, err)
	}
}

// TestReference checks against a hash of the reference implementation's test set:
// argon2id, version 19, t=2, m=64 MiB, p=1, "password", "somesalt".
func TestReference(t *testing.T) {
	t.Parallel()
	phc := "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	if ok, rehash, err := NewHasher(1).Verify(t.Context(), phc, "password"); !ok || !rehash || err != nil {
		t.Errorf("%v, %v, %v", ok, rehash, err)
	}
}

func TestBadHashes(t *testing.T) {
	t.Parallel()
	good := weak("m=64,t=1,p=1", params{64, 1, 1})
	if _, _, _, err := parsePHC(good); err != nil {
		t.Fatal(err)
	}
	bad := map[string]string{
		"empty":          "",
		"plain":          "password",
		"argon2i":        strings.Replace(good, "argon2id", "argon2i", 1),
		"bcrypt":         "$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"version":        strings.Replace(good, "v=19", "v=16", 1),
		"much memory":    strings.Replace(good, "m=64", "m=4194304", 1),
		"memory, 33 bit": strings.Replace(good, "m=64", "m=4294967360", 1),
		"little memory":  strings.Replace(good, "m=64", "m=7", 1),
		"no time":        strings.Replace(good, "t=1", "t=0", 1),
		"much time":      strings.Replace(good, "t=1", "t=1000", 1),
		"no lanes":       strings.Replace(good, "p=1", "p=0", 1),
		"many lanes":     strings.Replace(good, "p=1", "p=255", 1),
		"more costs":     strings.Replace(good, "p=1", "p=1,x=1", 1),
		"signed":         strings.Replace(good, "t=1", "t=+1", 1),
		"no salt":        strings.Replace(good, "c29tZXNhbHQ", "", 1),
		"bad salt":       strings.Replace(good, "c29tZXNhbHQ", "c29tZXNhb*Q", 1),
		"no sum":         good[:len(good)-43],
		"short sum":      good[:len(good)-33],
		"more":           good + "$x",
		"endless":        good + strings.Repeat("A", 1<<20),
	}
	for name, phc := range bad {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if ok, _, err := NewHasher(1).Verify(t.Context(), phc, "password"); ok || !errors.Is(err, ErrFormat) {
				t.Errorf("got %v, %v", ok, err)
			}
		})
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	h := NewHasher(0) // counts as one
	h.slots <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := h.Hash(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("hash: %v", err)
	}
	if _, _, err := h.Verify(ctx, weak("m=64,t=1,p=1", params{64, 1, 1}), "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("verify: %v", err)
	}
	if err := h.Dummy(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("dummy: %v", err)
	}
	<-h.slots
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := h.Hash(t.Context(), "x"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(h.slots) != 0 {
		t.Error("a slot was not given back")
	}
}

// TestDummyTime compares the best of several runs, which a busy machine disturbs
// least; twice the time apart would tell who exists.
func TestDummyTime(t *testing.T) {
	h := NewHasher(1)
	phc, err := h.Hash(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	best := func(do func() error) time.Duration {
		least := time.Hour
		for range 5 {
			start := time.Now()
			if err := do(); err != nil {
				t.Fatal(err)
			}
			least = min(least, time.Since(start))
		}
		return least
	}
	verify := best(func() error { _, _, err := h.Verify(t.Context(), phc, "y"); return err })
	dummy := best(func() error { return h.Dummy(t.Context(), "y") })
	if dummy > 2*verify || verify > 2*dummy {
		t.Errorf("verify takes %v, dummy %v", verify, dummy)
	}
	if err := h.Dummy(t.Context(), strings.Repeat("x", 2000)); err != nil {
		t.Error(err)
	}
}

func FuzzParsePHC(f *testing.F) {
	f.Add(weak("m=64,t=1,p=1", params{64, 1, 1}))
	f.Fuzz(func(t *testing.T, phc string) {
		p, salt, sum, err := parsePHC(phc)
		if err == nil && (p.memory > maxMemory || p.time > maxTime || p.lanes > maxLanes || len(salt) > 64 || len(sum) > 64) {
			t.Errorf("%+v passes", p)
		}
	})
}
