package account

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// Purpose is what a ticket is good for. A ticket of one purpose is none of another.
type Purpose string

// The purposes. The first ones go out by mail, the others stay between two steps
// in one browser.
const (
	MagicLink    Purpose = "magic link"
	Reset        Purpose = "reset password"
	ProveAddress Purpose = "prove address"
	SignUp       Purpose = "sign up"
	ConfirmCode  Purpose = "confirm by mail"
	HalfWay      Purpose = "half way in" // the first proof was given, the code is awaited
	PasskeyNew   Purpose = "passkey new"
	PasskeyUse   Purpose = "passkey use"
	Elsewhere    Purpose = "sign in elsewhere"
)

// Holds is how long a ticket can be used.
func (p Purpose) Holds() time.Duration {
	switch p {
	case Reset, ProveAddress, SignUp:
		return 30 * time.Minute
	case MagicLink:
		return 15 * time.Minute
	case PasskeyNew, PasskeyUse:
		return 5 * time.Minute
	}
	return 10 * time.Minute
}

// byMail says whether a new ticket of the purpose ends the person's earlier ones.
func (p Purpose) byMail() bool {
	return p == MagicLink || p == Reset || p == ProveAddress || p == ConfirmCode
}

// Issue makes a ticket for a person (0: for nobody yet) or an address and returns its
// token. data is kept sealed with it.
func (a *Accounts) Issue(ctx context.Context, p Purpose, user int64, email string, data any) (string, error) {
	plain, err := json.Marshal(data)
	if err != nil {
		return "", fmt.Errorf("account: issue ticket: %w", err)
	}
	token, hash := secret.Token()
	err = a.Store.IssueTicket(ctx, hash, store.Ticket{
		Purpose: string(p), User: user, Email: email, Data: a.Ring.Seal("ticket "+string(p), plain), Expires: a.Now().Add(p.Holds()),
	}, p.byMail() && user != 0)
	if err != nil {
		return "", fmt.Errorf("account: issue ticket: %w", err)
	}
	return token, nil
}

// See reads a ticket that can still be used, with its data; community.ErrNotFound
// for one that was used, has expired or was never issued for the purpose.
func (a *Accounts) See(ctx context.Context, p Purpose, token string, data any) (store.Ticket, error) {
	t, err := a.Store.SeeTicket(ctx, secret.HashToken(token), string(p))
	return a.unseal("see", p, t, err, data)
}

// Use spends a ticket; like See otherwise. Of two who try, one succeeds.
func (a *Accounts) Use(ctx context.Context, p Purpose, token string, data any) (store.Ticket, error) {
	t, err := a.Store.UseTicket(ctx, secret.HashToken(token), string(p))
	return a.unseal("use", p, t, err, data)
}

// Try counts an attempt at a ticket; like See otherwise.
func (a *Accounts) Try(ctx context.Context, p Purpose, token string, data any) (store.Ticket, error) {
	t, err := a.Store.TryTicket(ctx, secret.HashToken(token), string(p))
	return a.unseal("try", p, t, err, data)
}

func (a *Accounts) unseal(what string, p Purpose, t store.Ticket, err error, data any) (store.Ticket, error) {
	if err == nil && data != nil {
		var plain []byte
		if plain, err = a.Ring.Open("ticket "+string(p), t.Data); err == nil {
			err = json.Unmarshal(plain, data)
		}
	}
	if err != nil {
		return t, fmt.Errorf("account: %s ticket: %w", what, err)
	}
	return t, nil
}
