package vault_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/vault"
)

// What an earlier build made of the keys "a" and "mac" of ring.
const (
	golden       = "1ee484a600db6fa2c571e623a53d574e07f6630a0f886e1fc4e184f349a6386b"
	goldenSealed = "010161c6b5cf8e96cd3e6b8f6532f7cadeded1ac57e9fd0e1ae9a8b659f7dff90c7fd5d00c0be7c7"
)

// secret is the base64 of a key that starts with b.
func secret(b byte) string {
	raw := bytes.Repeat([]byte{b}, 32)
	raw[31] = 1
	return base64.StdEncoding.EncodeToString(raw)
}

func ring(t *testing.T, ids ...string) *vault.Ring {
	t.Helper()
	text := "mac:" + secret('m')
	for _, id := range ids {
		text += "," + id + ":" + secret(id[0])
	}
	r, err := vault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestParse(t *testing.T) {
	t.Parallel()
	mac := ",mac:" + secret('m')
	short := base64.StdEncoding.EncodeToString(make([]byte, 31))
	cases := map[string]struct{ text, want string }{
		"one key":         {"a:" + secret('a') + mac, ""},
		"lines, comments": {"# keys, of ours\n mac : " + secret('m') + " \r\n\na:" + secret('a') + ",b:" + secret('b') + "\n", ""},
		"empty":           {"", "no sealing key"},
		"only mac":        {mac, "no sealing key"},
		"no mac":          {"a:" + secret('a'), "no fingerprint key"},
		"no colon":        {secret('a') + mac, "entry 1"},
		"id in capitals":  {"A:" + secret('a') + mac, "entry 1"},
		"id too long":     {strings.Repeat("a", 33) + ":" + secret('a') + mac, "entry 1"},
		"no base64":       {"a:" + secret('a')[1:] + mac, "key a is not base64"},
		"short":           {"a:" + short + mac, "key a has 31 bytes"},
		"twice":           {"a:" + secret('a') + ",a:" + secret('b') + mac, "key a is there twice"},
		"mac twice":       {"a:" + secret('a') + mac + ",mac:" + secret('n'), "key mac is there twice"},
		"same secret":     {"a:" + secret('a') + ",b:" + secret('a') + mac, "are the same"},
		"same as mac":     {"a:" + secret('m') + mac, "are the same"},
		"all zero":        {"a:" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + mac, "not random"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := vault.Parse(c.text)
			if c.want == "" {
				if err != nil || r.Primary() != "a" {
					t.Fatalf("got %v, %v", r, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v, want an error with %q", err, c.want)
			}
			for b := range []byte("abmn") {
				if strings.Contains(err.Error(), secret("abmn"[b])[:12]) {
					t.Fatalf("the error shows a secret: %v", err)
				}
			}
		})
	}
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	one, two := vault.Generate(), vault.Generate()
	if one == two {
		t.Fatal("two rings are the same")
	}
	if _, err := vault.Parse(one); err != nil {
		t.Fatal(err)
	}
}

func TestSealOpen(t *testing.T) {
	t.Parallel()
	r := ring(t, "a", "b")
	for name, plain := range map[string][]byte{"empty": {}, "nil": nil, "short": []byte("x"), "long": bytes.Repeat([]byte("long"), 1<<16)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sealed := r.Seal("token", plain)
			if again := r.Seal("token", plain); bytes.Equal(sealed, again) {
				t.Error("sealing twice gives the same bytes")
			}
			if len(plain) > 3 && bytes.Contains(sealed, plain[:4]) {
				t.Error("the plain text shows")
			}
			if want := len(plain) + 31; len(sealed) != want {
				t.Errorf("%d bytes, want %d", len(sealed), want)
			}
			got, err := r.Open("token", sealed)
			if err != nil || got == nil || !bytes.Equal(got, plain) {
				t.Errorf("opened %d bytes, %v", len(got), err)
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	r := ring(t, "a", "b")
	sealed := r.Seal("token", []byte("swordfish"))
	other := ring(t, "c").Seal("token", []byte("swordfish"))
	renamed := bytes.Replace(sealed, []byte("a"), []byte("b"), 1)
	cases := map[string]struct {
		purpose string
		sealed  []byte
		want    error
	}{
		"wrong purpose":   {"totp", sealed, vault.ErrTampered},
		"no purpose":      {"", sealed, vault.ErrTampered},
		"unknown key":     {"token", other, vault.ErrUnknownKey},
		"another key's":   {"token", renamed, vault.ErrTampered},
		"nothing":         {"token", nil, vault.ErrTampered},
		"version":         {"token", append([]byte{2}, sealed[1:]...), vault.ErrTampered},
		"something after": {"token", append(bytes.Clone(sealed), 0), vault.ErrTampered},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := r.Open(c.purpose, c.sealed); !errors.Is(err, c.want) || got != nil {
				t.Errorf("got %q, %v, want %v", got, err, c.want)
			}
		})
	}
	for n := range sealed {
		if _, err := r.Open("token", sealed[:n]); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("cut at %d: %v", n, err)
		}
	}
	for bit := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[bit/8] ^= 1 << (bit % 8)
		_, err := r.Open("token", flipped)
		if !errors.Is(err, vault.ErrTampered) && !errors.Is(err, vault.ErrUnknownKey) {
			t.Errorf("bit %d flipped: %v", bit, err)
		}
	}
}

func TestStale(t *testing.T) {
	t.Parallel()
	old, now := ring(t, "a"), ring(t, "b", "a")
	sealed := old.Seal("token", []byte("x"))
	if old.Stale(sealed) {
		t.Error("stale right after sealing")
	}
	if !now.Stale(sealed) {
		t.Error("not stale with a new primary")
	}
	if got, err := now.Open("token", sealed); err != nil || string(got) != "x" {
		t.Errorf("the old key does not open: %v", err)
	}
	if !now.Stale(nil) || !now.Stale([]byte("plain")) {
		t.Error("what was never sealed is not stale")
	}
}

func TestMAC(t *testing.T) {
	t.Parallel()
	r := ring(t, "a")
	base := r.MAC("mail", []byte("ab"), []byte("c"))
	if len(base) != 32 {
		t.Fatalf("%d bytes", len(base))
	}
	if !bytes.Equal(base, ring(t, "c", "b", "a").MAC("mail", []byte("ab"), []byte("c"))) {
		t.Error("a rotation changes fingerprints")
	}
	otherKey, err := vault.Parse("a:" + secret('a') + ",mac:" + secret('n'))
	if err != nil {
		t.Fatal(err)
	}
	for name, mac := range map[string][]byte{
		"purpose":    r.MAC("phone", []byte("ab"), []byte("c")),
		"boundary":   r.MAC("mail", []byte("a"), []byte("bc")),
		"joined":     r.MAC("mail", []byte("abc")),
		"empty part": r.MAC("mail", []byte("ab"), []byte("c"), nil),
		"key":        otherKey.MAC("mail", []byte("ab"), []byte("c")),
	} {
		if bytes.Equal(base, mac) {
			t.Errorf("another %s gives the same fingerprint", name)
		}
	}
	// Stored fingerprints hang on this: a change of the derivation is a loss of data.
	if got, want := hex.EncodeToString(base), golden; got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}
}

// TestGolden opens what an earlier build sealed.
func TestGolden(t *testing.T) {
	t.Parallel()
	sealed, err := hex.DecodeString(goldenSealed)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := ring(t, "a").Open("token", sealed); err != nil || string(got) != "swordfish" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestNothingPrints(t *testing.T) {
	t.Parallel()
	r := ring(t, "a", "b")
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%08b", "%o", "%t"} {
		fmt.Fprintf(&out, verb+"\n", r)
		fmt.Fprintf(&out, verb+"\n", vault.ExportKeys(r))
		fmt.Fprintf(&out, verb+"\n", struct{ K vault.Key }{vault.ExportKeys(r)[0]})
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "ring", r, "key", vault.ExportKeys(r)[0], "keys", vault.ExportKeys(r))
	}
	if err := json.NewEncoder(&out).Encode(map[string]any{"ring": r, "keys": vault.ExportKeys(r)}); err != nil {
		t.Fatal(err)
	}
	// The keys are a row of one byte; each base and base64 of it would show one of these.
	for _, s := range []string{"aaa", "YWFh", "616161", "97 97", "97,97", "0x61, 0x61", "01100001 01100001", "141 141"} {
		if strings.Contains(out.String(), s) {
			t.Errorf("%q shows in\n%s", s, out.String())
		}
	}
	if !strings.Contains(out.String(), "key a") {
		t.Error("the id does not show")
	}
	if got := (*vault.Ring)(nil).String(); got != "no keys" {
		t.Errorf("nil ring: %q", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("mac:" + secret('m') + ",a:" + secret('a'))
	f.Add("# x\n:,,mac")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := vault.Parse(text)
		if err != nil {
			return
		}
		if got, err := r.Open("p", r.Seal("p", []byte(text))); err != nil || string(got) != text {
			t.Errorf("a ring that parses does not seal and open: %v", err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	text := "mac:" + secret('m') + ",a:" + secret('a')
	r, err := vault.Parse(text)
	if err != nil {
		f.Fatal(err)
	}
	good, err := hex.DecodeString(goldenSealed) // the same in every process of the fuzzer
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{1, 255})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if _, err := r.Open("token", sealed); err == nil && !bytes.Equal(sealed, good) {
			t.Error("opened what was not sealed")
		}
		r.Stale(sealed)
	})
}
