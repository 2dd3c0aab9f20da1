package store_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// unsealed are the columns of bytes that the vault does not seal, and why.
var unsealed = map[string]string{
	"device.fingerprint":          "a fingerprint under the permanent key",
	"app_user.handle":             "random, public",
	"passkey.credential_id":       "public",
	"recovery_code.hash":          "a hash",
	"session.hash":                "a hash",
	"ticket.hash":                 "a hash",
	"invitation.hash":             "a hash",
	"api_key.hash":                "a hash",
	"organisation.logo":           "a picture that is shown",
	"client.logo":                 "a picture that is shown",
	"contact_key.key":             "made by the fingerprint key, which does not rotate",
	"customer.contact_print":      "made by the fingerprint key",
	"customer_order.detail_print": "a hash of what an order consists of",
	"connection.hook_hash":        "a hash",
	"suppression.fingerprint":     "made by the fingerprint key, which does not rotate",
}

// TestSealedColumnsAreListed: a new column of bytes is sealed and in the list, or
// here with the reason why not.
func TestSealedColumnsAreListed(t *testing.T) {
	t.Parallel()
	rows, err := dbtest.New(t).Query(t.Context(), `select c.relname || '.' || a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid
		where c.relkind in ('r', 'p') and not c.relispartition and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped
			and a.atttypid = 'bytea'::regtype and c.relname not like 'river\_%'`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, c := range store.SealedColumns() {
		listed[c.Table+"."+c.Column] = true
	}
	for _, name := range found {
		if listed[name] == (unsealed[name] != "") {
			t.Errorf("%s: list it in SealedColumns, or say here why it is not sealed", name)
		}
		delete(listed, name)
	}
	for name := range listed {
		t.Errorf("%s is listed and is no column", name)
	}
}

func TestReseal(t *testing.T) {
	t.Parallel()
	s := store.New(dbtest.New(t))
	path := filepath.Join(t.TempDir(), "keys")
	ring, err := vault.Ensure(path)
	if err != nil {
		t.Fatal(err)
	}
	u, err := s.CreateUser(t.Context(), store.User{Email: "zoe@atelier.example", Handle: []byte("z")})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetTOTP(t.Context(), u.ID, ring.Seal(store.PurposeTOTP, []byte("secret"))); err != nil {
		t.Fatal(err)
	}
	if err := s.IssueTicket(t.Context(), []byte("hash"), store.Ticket{Purpose: "second", User: u.ID, Data: ring.Seal("second", []byte("step"))}, false); err != nil {
		t.Fatal(err)
	}
	for _, sealed := range [][]byte{ring.Seal(store.PurposeLetter, []byte("letter")), []byte("never sealed")} {
		if _, err := s.PostLetter(t.Context(), store.Letter{Kind: "test", Recipient: "x@y.example", Sealed: sealed, State: store.LetterKept}); err != nil {
			t.Fatal(err)
		}
	}
	old := ring.Primary()
	if _, err := vault.AddPrimary(path); err != nil {
		t.Fatal(err)
	}
	want := map[string]store.Resealed{"app_user": {Sealed: 1}, "ticket": {Sealed: 1}, "outgoing": {Sealed: 1, Closed: 1}}
	for _, c := range store.SealedColumns() {
		if done, err := s.Reseal(t.Context(), c, ring); err != nil || done != want[c.Table] {
			t.Errorf("%s: %+v, %v", c.Table, done, err)
		}
		if done, err := s.Reseal(t.Context(), c, ring); err != nil || done.Sealed != 0 {
			t.Errorf("%s: again: %+v, %v", c.Table, done, err)
		}
	}
	if err := vault.Retire(path, old); err != nil {
		t.Fatal(err)
	}
	u, err = s.User(t.Context(), u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := ring.Open(store.PurposeTOTP, u.TOTP); err != nil || !bytes.Equal(plain, []byte("secret")) {
		t.Errorf("%q, %v", plain, err)
	}
}
