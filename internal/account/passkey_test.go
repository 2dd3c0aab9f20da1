package account_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/store"
)

// device is an authenticator in software, with one key.
type device struct {
	testing.TB
	key     *ecdsa.PrivateKey
	id      []byte
	handle  []byte
	counter uint32
	flags   byte   // 1 somebody is there, 4 and proved who, 64 a key follows
	origin  string // that the browser is at
	rp      string // that the browser gives the device
}

const (
	present  = 1
	verified = 4
	attested = 64
)

func newDevice(t testing.TB, u store.User) *device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &device{TB: t, key: key, id: []byte("key of " + u.Email), handle: u.Handle, flags: present | verified, origin: atHome().Origin, rp: atHome().Name}
}

func atHome() account.Site { return account.Site{Name: "localhost", Origin: "http://localhost:8080"} }

var b64 = base64.RawURLEncoding.EncodeToString

// challenge reads the challenge out of the options for the browser.
func (d *device) challenge(options any) string {
	d.Helper()
	plain, err := json.Marshal(options)
	if err != nil {
		d.Fatal(err)
	}
	var o struct {
		PublicKey struct{ Challenge string } `json:"publicKey"`
	}
	if err := json.Unmarshal(plain, &o); err != nil || o.PublicKey.Challenge == "" {
		d.Fatalf("%s %v", plain, err)
	}
	return o.PublicKey.Challenge
}

// data is what a device signs beside the client's data.
func (d *device) data(flags byte, more ...byte) []byte {
	rp := sha256.Sum256([]byte(d.rp))
	out := append(rp[:], flags)
	out = binary.BigEndian.AppendUint32(out, d.counter)
	return append(out, more...)
}

func (d *device) client(kind, challenge string) []byte {
	d.Helper()
	plain, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	if err != nil {
		d.Fatal(err)
	}
	return plain
}

func (d *device) answer(response map[string]any) []byte {
	d.Helper()
	plain, err := json.Marshal(map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response})
	if err != nil {
		d.Fatal(err)
	}
	return plain
}

// made answers to the wish for a new key.
func (d *device) made(options any) []byte {
	d.Helper()
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		d.Fatal(err)
	}
	cose, err := cbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		d.Fatal(err)
	}
	more := append(make([]byte, 16), byte(len(d.id)>>8), byte(len(d.id)))
	more = append(append(more, d.id...), cose...)
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": d.data(d.flags|attested, more...)})
	if err != nil {
		d.Fatal(err)
	}
	return d.answer(map[string]any{"clientDataJSON": b64(d.client("webauthn.create", d.challenge(options))), "attestationObject": b64(object)})
}

// used answers to a challenge.
func (d *device) used(options any) []byte {
	d.Helper()
	d.counter++
	data, client := d.data(d.flags), d.client("webauthn.get", d.challenge(options))
	sum := sha256.Sum256(client)
	signed := sha256.Sum256(append(append([]byte{}, data...), sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, signed[:])
	if err != nil {
		d.Fatal(err)
	}
	return d.answer(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(d.handle),
	})
}

// add keeps the device's key for a person.
func (d *device) add(h *house, u store.User) error {
	d.Helper()
	options, token, err := h.BeginPasskey(d.Context(), atHome(), u)
	if err != nil {
		d.Fatal(err)
	}
	return h.AddPasskey(d.Context(), atHome(), u, token, "Clé", d.made(options))
}

func TestPasskeySignsIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.owner.User
	d := newDevice(t, u)
	if err := d.add(h, u); err != nil {
		t.Fatal(err)
	}
	if err := d.add(h, u); !errors.Is(err, store.ErrExists) {
		t.Errorf("the same key again: %v", err)
	}
	options, token, err := h.AskPasskey(t.Context(), atHome())
	if err != nil {
		t.Fatal(err)
	}
	answer := d.used(options)
	if got, err := h.CheckPasskey(t.Context(), atHome(), token, answer); err != nil || got.ID != u.ID {
		t.Fatalf("%d, %v", got.ID, err)
	}
	if _, err := h.CheckPasskey(t.Context(), atHome(), token, answer); !errors.Is(err, account.ErrPasskey) {
		t.Errorf("the same answer again: %v", err)
	}
	if list, err := h.Store.Passkeys(t.Context(), u.ID); err != nil || len(list) != 1 || list[0].Used.IsZero() {
		t.Errorf("%+v, %v", list, err)
	}
}

func TestPasskeyProvesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.owner.User
	other, err := h.Create(t.Context(), account.NewUser{Email: "other@x.example"})
	if err != nil {
		t.Fatal(err)
	}
	good := newDevice(t, u)
	if err := good.add(h, u); err != nil {
		t.Fatal(err)
	}
	for name, bend := range map[string]func(*device){
		"at another site":      func(d *device) { d.origin = "https://evil.example" },
		"at another port":      func(d *device) { d.origin = "http://localhost:9" },
		"for another name":     func(d *device) { d.rp = "evil.example" },
		"nobody proved who":    func(d *device) { d.flags = present },
		"nobody there":         func(d *device) { d.flags = 0 },
		"another key":          func(d *device) { d.key = newDevice(t, u).key },
		"an unknown key":       func(d *device) { d.id = []byte("nothing") },
		"somebody else's name": func(d *device) { d.handle = other.Handle },
		"nobody's name":        func(d *device) { d.handle = []byte("nobody") },
		"without a name":       func(d *device) { d.handle = nil },
	} {
		t.Run(name, func(t *testing.T) {
			d := *good
			d.counter = 100
			bend(&d)
			options, token, err := h.AskPasskey(t.Context(), atHome())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := h.CheckPasskey(t.Context(), atHome(), token, d.used(options)); !errors.Is(err, account.ErrPasskey) {
				t.Errorf("%d, %v", got.ID, err)
			}
		})
	}
	// A challenge that is over, and one for another act.
	options, token, err := h.AskPasskey(t.Context(), atHome())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Store.Pool().Exec(t.Context(), `update ticket set expires_at = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckPasskey(t.Context(), atHome(), token, good.used(options)); !errors.Is(err, account.ErrPasskey) {
		t.Errorf("after its time: %v", err)
	}
	if options, token, err = h.BeginPasskey(t.Context(), atHome(), u); err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckPasskey(t.Context(), atHome(), token, good.used(options)); !errors.Is(err, account.ErrPasskey) {
		t.Errorf("with the challenge for a new key: %v", err)
	}
	// A key for somebody else's challenge, and one that nobody stands behind.
	if options, token, err = h.BeginPasskey(t.Context(), atHome(), u); err != nil {
		t.Fatal(err)
	}
	if err := h.AddPasskey(t.Context(), atHome(), other, token, "x", newDevice(t, other).made(options)); !errors.Is(err, account.ErrPasskey) {
		t.Errorf("another's challenge: %v", err)
	}
	idle := newDevice(t, other)
	idle.flags = present
	if err := idle.add(h, other); !errors.Is(err, account.ErrPasskey) {
		t.Errorf("made without proof: %v", err)
	}
}

// TestClonedPasskey: a counter that goes back means that there are two of the key.
func TestClonedPasskey(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.owner.User
	d := newDevice(t, u)
	if err := d.add(h, u); err != nil {
		t.Fatal(err)
	}
	use := func(d *device) (store.User, error) {
		options, token, err := h.AskPasskey(t.Context(), atHome())
		if err != nil {
			t.Fatal(err)
		}
		return h.CheckPasskey(t.Context(), atHome(), token, d.used(options))
	}
	copied := *d
	for range 3 {
		if _, err := use(d); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := use(&copied); !errors.Is(err, account.ErrCloned) || got.ID != u.ID {
		t.Errorf("%d, %v", got.ID, err)
	}
	if _, err := use(d); err != nil {
		t.Errorf("the first one afterwards: %v", err)
	}
}

func TestPasskeyOfDisabledPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u := h.owner.User
	d := newDevice(t, u)
	if err := d.add(h, u); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Store.Pool().Exec(t.Context(), `update app_user set disabled_at = $1`, time.Now()); err != nil {
		t.Fatal(err)
	}
	options, token, err := h.AskPasskey(t.Context(), atHome())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.CheckPasskey(t.Context(), atHome(), token, d.used(options)); !errors.Is(err, account.ErrPasskey) {
		t.Errorf("%v", err)
	}
}
