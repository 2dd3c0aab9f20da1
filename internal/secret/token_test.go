package secret

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
	"testing"
)

func b64(b []byte) string { return base64.RawStdEncoding.EncodeToString(b) }

func TestToken(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		plain, hash := Token()
		if raw, err := base64.RawURLEncoding.DecodeString(plain); err != nil || len(raw) != 32 {
			t.Fatalf("token %q", plain)
		}
		if seen[plain] {
			t.Fatal("the same token again")
		}
		seen[plain] = true
		if !bytes.Equal(hash, HashToken(plain)) || bytes.Contains(hash, []byte(plain)) {
			t.Fatal("not the hash of the token")
		}
	}
	if got := hex.EncodeToString(HashToken("abc")); got != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Errorf("SHA-256 of abc: %s", got)
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	codes, hashes := RecoveryCodes(200)
	if len(codes) != 200 || len(hashes) != 200 {
		t.Fatalf("%d codes, %d hashes", len(codes), len(hashes))
	}
	form := regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{4}(-[0-9a-hjkmnp-tv-z]{4}){3}$`)
	letters, seen := map[rune]bool{}, map[string]bool{}
	for i, c := range codes {
		if !form.MatchString(c) || seen[c] {
			t.Fatalf("code %q", c)
		}
		seen[c] = true
		for _, r := range c {
			letters[r] = true
		}
		if !bytes.Equal(HashRecoveryCode(c), hashes[i]) {
			t.Fatalf("hash %d is another code's", i)
		}
	}
	if len(letters) != 33 {
		t.Errorf("%d different characters, want 32 and the dash", len(letters))
	}
	if codes, hashes := RecoveryCodes(-1); codes != nil || hashes != nil {
		t.Error("codes for -1")
	}
}

func TestHashRecoveryCode(t *testing.T) {
	t.Parallel()
	want := HashRecoveryCode("10ab-cdef-ghjk-mnpq")
	for _, typed := range []string{"10ABCDEFGHJKMNPQ", " loab cdef ghjk mnpq\n", "IO-ab–cdef ghjk\u00a0mnpq"} {
		if !bytes.Equal(HashRecoveryCode(typed), want) {
			t.Errorf("%q differs", typed)
		}
	}
	for _, typed := range []string{"", "10ab-cdef-ghjk-mnpr", "10ab-cdef-ghjk", strings.Repeat("x", 1<<16)} {
		if bytes.Equal(HashRecoveryCode(typed), want) {
			t.Errorf("%q is the same", typed)
		}
	}
}
