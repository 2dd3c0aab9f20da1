package account

import (
	"context"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// OneTime is the purpose of a link that an operator hands to somebody: it lets
// them choose a password, once.
const OneTime = "one_time"

// OneTimeFor is how long such a link works.
const OneTimeFor = 24 * time.Hour

// IssueOneTime makes a link's token for a person; earlier ones stop working.
func (a *Accounts) IssueOneTime(ctx context.Context, u store.User) (token string, err error) {
	token, hash := secret.Token()
	err = a.Store.IssueTicket(ctx, hash, store.Ticket{Purpose: OneTime, User: u.ID, Expires: a.Now().Add(OneTimeFor)}, true)
	if err != nil {
		return "", fmt.Errorf("account: one-time link: %w", err)
	}
	return token, nil
}

// SeeOneTime returns whose link it is; community.ErrNotFound when it does not work
// (any more).
func (a *Accounts) SeeOneTime(ctx context.Context, token string) (store.User, error) {
	t, err := a.Store.SeeTicket(ctx, secret.HashToken(token), OneTime)
	if err != nil {
		return store.User{}, fmt.Errorf("account: one-time link: %w", err)
	}
	return a.Store.User(ctx, t.User)
}

// UseOneTime spends the link and sets the password; every session of the person ends.
func (a *Accounts) UseOneTime(ctx context.Context, token, password string) (store.User, error) {
	t, err := a.Store.UseTicket(ctx, secret.HashToken(token), OneTime)
	if err != nil {
		return store.User{}, fmt.Errorf("account: one-time link: %w", err)
	}
	if err := a.SetPassword(ctx, t.User, password, 0); err != nil {
		return store.User{}, err
	}
	return a.Store.User(ctx, t.User)
}
