package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/vault"
)

// ring holds the given sealing keys; the fingerprint key is always the same.
func ring(t *testing.T, mac byte, sealing string) *vault.Ring {
	t.Helper()
	entry := func(id string, b byte) string {
		raw := bytes.Repeat([]byte{b}, 32)
		raw[31] = 1
		return id + ":" + base64.StdEncoding.EncodeToString(raw)
	}
	list := []string{entry("mac", mac)}
	for i := range len(sealing) {
		list = append(list, entry(sealing[i:i+1], sealing[i]))
	}
	r, err := vault.Parse(strings.Join(list, ","))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func key(t *testing.T, k *Keys, v Value) Key {
	t.Helper()
	got, err := k.Of(v)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestKeys(t *testing.T) {
	t.Parallel()
	r := ring(t, 'm', "a")
	email := Value{KindEmail, "zoe@example.fr"}
	base := key(t, NewKeys(r, 7), email)
	if base.Kind != KindEmail || base != key(t, NewKeys(r, 7), email) {
		t.Fatal("the same value has two keys")
	}
	if base != key(t, NewKeys(ring(t, 'm', "ba"), 7), email) || base != key(t, NewKeys(ring(t, 'm', "c"), 7), email) {
		t.Error("a rotation of the sealing keys changes keys")
	}
	for name, other := range map[string]Key{
		"organisation": key(t, NewKeys(r, 8), email),
		"ring":         key(t, NewKeys(ring(t, 'n', "a"), 7), email),
		"kind":         key(t, NewKeys(r, 7), Value{KindEmailLoose, email.text}),
		"value":        key(t, NewKeys(r, 7), Value{KindEmail, "max@example.fr"}),
	} {
		if other.MAC == base.MAC {
			t.Errorf("another %s has the same key", name)
		}
	}
	for name, none := range map[string]Value{"no value": {}, "no text": {KindEmail, ""}, "no kind": {"", "x"}, "unknown kind": {"name", "x"}} {
		if got, err := NewKeys(r, 7).Of(none); err == nil || got != (Key{}) {
			t.Errorf("%s has a key", name)
		}
	}
}

// TestGoldenKeys: stored keys hang on these. Where one changes, neither links nor
// suppressions are found any more.
func TestGoldenKeys(t *testing.T) {
	t.Parallel()
	keys := NewKeys(ring(t, 'm', "a"), 7)
	email, err := ParseEmail(" Z.oe+x@GoogleMail.com")
	if err != nil {
		t.Fatal(err)
	}
	phone, err := ParsePhone("06 12 34 56 78", "FR")
	if err != nil {
		t.Fatal(err)
	}
	account, err := Account("shop", "gid/123")
	if err != nil {
		t.Fatal(err)
	}
	code, err := Code("k7m2-9qxt")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		v    Value
		want string
	}{
		{email.Exact, "8cf810dabe2fd175a800e7aa06c0b90b6f3bd4691cfad95edb7fa0e44b4e36a3"},
		{email.Loose, "78104c35b8877f8edf39b6aeaf986cb216889cb27044443906777ddd0482b4ae"},
		{phone.Number, "a2dacf2f2f98fa10acff9926017dc38ef1e0cebc4f923f8323a6350022ab3aa9"},
		{account, "32923b6d303d45706941415f169cda2ecdfd23c3e45a642538811b027386984f"},
		{code, "b469370edf15f8a6ca8c5a015b57150abd1275d92875119a0c33b4331024dd6a"},
	} {
		if got := hex.EncodeToString(key(t, keys, c.v).Bytes()); got != c.want {
			t.Errorf("%s: %s, want %s", c.v.Kind(), got, c.want)
		}
	}
}

func TestStoredKey(t *testing.T) {
	t.Parallel()
	want := key(t, NewKeys(ring(t, 'm', "a"), 1), Value{KindPhone, "+33612345678"})
	if got, err := StoredKey(want.Kind, want.Bytes()); err != nil || got != want {
		t.Errorf("%v, %v", got, err)
	}
	for _, n := range []int{0, 31, 33} {
		if _, err := StoredKey(KindPhone, make([]byte, n)); err == nil {
			t.Errorf("%d bytes pass", n)
		}
	}
}

// TestNothingPrints writes values, keys and secrets in every way there is.
func TestNothingPrints(t *testing.T) {
	t.Parallel()
	v := Value{KindEmail, "zoe@example.fr"}
	keys := NewKeys(ring(t, 'm', "a"), 7)
	k := key(t, keys, v)
	mail, err := ParseEmail(v.text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", v)
		fmt.Fprintf(&out, verb+"\n", k)
		fmt.Fprintf(&out, verb+"\n", keys)
		fmt.Fprintf(&out, verb+"\n", mail)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("x", "value", v, "key", k, "keys", keys, "mail", mail)
	}
	if _, err := json.Marshal(v); err == nil {
		t.Error("a value is written as JSON")
	}
	secret := keys.secrets[KindEmail]
	for name, s := range map[string]string{
		"text": "zoe", "text in hex": hex.EncodeToString([]byte("zoe")), "key in hex": hex.EncodeToString(k.MAC[:4]),
		"key in numbers": fmt.Sprintf("%d %d %d", k.MAC[0], k.MAC[1], k.MAC[2]), "secret in numbers": fmt.Sprintf("%d %d %d", secret[0], secret[1], secret[2]),
		"secret in hex": hex.EncodeToString(secret[:4]),
	} {
		if strings.Contains(out.String(), s) {
			t.Errorf("%s shows in\n%s", name, out.String())
		}
	}
	if !strings.Contains(out.String(), "key of kind email") {
		t.Error("the kind does not show")
	}
}

func TestAccountAndCode(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{" U123 ": "shop/U123", "a/b": "shop/a/b", "Élan": "shop/Élan"} {
		if got, err := Account("shop", raw); err != nil || got != (Value{KindAccount, want}) {
			t.Errorf("%q: %q, %v", raw, got.Text(), err)
		}
	}
	one, _ := Account("a", "b/c")
	if two, err := Account("a/b", "c"); err == nil || one == two {
		t.Error("two providers' ids meet")
	}
	for _, raw := range []string{"", "  ", "a\x00b", "\xff", strings.Repeat("x", 600)} {
		if got, err := Account("shop", raw); err == nil {
			t.Errorf("%q is the id %q", raw, got.Text())
		}
	}
	for raw, want := range map[string]string{"k7m2-9qxt": "K7M29QXT", " K7M2 9QXT\n": "K7M29QXT", "k7m2–9qxt": "K7M29QXT", "ｋ７": "K7"} {
		if got, err := Code(raw); err != nil || got != (Value{KindCode, want}) {
			t.Errorf("%q: %q, %v", raw, got.Text(), err)
		}
	}
	for _, raw := range []string{"", "-- ", "a@b", "\xff", strings.Repeat("x", 129)} {
		if got, err := Code(raw); err == nil {
			t.Errorf("%q is the code %q", raw, got.Text())
		}
	}
}
