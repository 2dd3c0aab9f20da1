package account

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/foyer-app/foyer/internal/store"
)

// Applicant is somebody who asked for an account. Nothing of them is an account
// before they showed that the address is theirs: it stays sealed in a ticket.
type Applicant struct {
	Name, Language, Organisation, Kind, Zone string
	Hash                                     string // of the password; empty when they sign in elsewhere
}

// HashPassword returns the form in which a password is kept.
func (a *Accounts) HashPassword(ctx context.Context, password string) (string, error) {
	hash, err := a.Hasher.Hash(ctx, password)
	if err != nil {
		return "", fmt.Errorf("account: hash password: %w", err)
	}
	return hash, nil
}

// Admit makes the account and the organisation of an applicant whose address is
// proven. store.ErrExists when the address has an account.
func (a *Accounts) Admit(ctx context.Context, email string, n Applicant) (store.User, store.Organisation, error) {
	u := store.User{
		Email: email, Name: n.Name, Language: n.Language, Password: n.Hash, Verified: a.Now(), Handle: make([]byte, 32),
	}
	_, _ = rand.Read(u.Handle) // never fails
	u, o, err := a.Store.CreateAccount(ctx, u, store.Organisation{
		Name: n.Organisation, Kind: n.Kind, TimeZone: n.Zone, Currency: "EUR", Language: n.Language,
	})
	if err != nil {
		return u, o, fmt.Errorf("account: admit: %w", err)
	}
	return u, o, nil
}
