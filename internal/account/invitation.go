package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// InvitedFor is how long an invitation can be accepted after its letter.
const InvitedFor = 7 * 24 * time.Hour

// What keeps an invitation from being made or accepted.
var (
	// ErrRank says that somebody would give a role that is not theirs to give.
	ErrRank = errors.New("the role is not theirs to give")
	// ErrClosed says that an invitation was accepted, revoked or replaced, or expired.
	ErrClosed = errors.New("the invitation is not open")
	// ErrOther says that an invitation is for another address than the person's.
	ErrOther = errors.New("the invitation is for another address")
)

// Invitation is whom somebody invites, and to what.
type Invitation struct {
	Email       string
	Role        store.Role
	Communities []int64 // of a guest
	Language    string  // of the letter; empty: the organisation's
}

// Invite offers a seat in the actor's organisation and returns the token of the
// link, which only the letter has. ErrRank for a role above the actor's, store.ErrExists
// when an invitation is open for the address, store.ErrSeated when its owner has a seat,
// community.ErrNotFound for a community that is not the organisation's.
func (a *Accounts) Invite(ctx context.Context, actor Actor, n Invitation) (store.Invitation, string, error) {
	if !actor.May(ManageSeats) || !Outranks(actor.Seat.Role, n.Role) {
		return store.Invitation{}, "", fmt.Errorf("account: invite: %w", ErrRank)
	}
	token, hash := secret.Token()
	made, err := a.Store.CreateInvitation(ctx, store.Invitation{
		Organisation: actor.Organisation(), Email: n.Email, Role: n.Role, Communities: n.Communities, Language: n.Language,
		Expires: a.Now().Add(InvitedFor),
	}, actor.User.ID, hash)
	if err != nil {
		return made, "", fmt.Errorf("account: invite: %w", err)
	}
	return made, token, nil
}

// Resend gives an invitation a new token and a new term; the old link is worth
// nothing then. ErrRank when its role is above the actor's, community.ErrNotFound when it
// was accepted or revoked.
func (a *Accounts) Resend(ctx context.Context, actor Actor, id int64) (store.Invitation, string, error) {
	n, err := a.Store.Invitation(ctx, actor.Organisation(), id)
	if err != nil {
		return n, "", fmt.Errorf("account: resend: %w", err)
	}
	if !actor.May(ManageSeats) || !Outranks(actor.Seat.Role, n.Role) {
		return n, "", fmt.Errorf("account: resend: %w", ErrRank)
	}
	token, hash := secret.Token()
	if n, err = a.Store.ResendInvitation(ctx, actor.Organisation(), id, hash, a.Now().Add(InvitedFor)); err != nil {
		return n, "", fmt.Errorf("account: resend: %w", err)
	}
	return n, token, nil
}

// Invited returns the invitation of a token, whatever became of it;
// community.ErrNotFound for a token that is forged or was replaced.
func (a *Accounts) Invited(ctx context.Context, token string) (store.Invitation, error) {
	return a.Store.InvitationByHash(ctx, secret.HashToken(token))
}

// Accept takes the seat of an invitation for a person who has an account with its
// address. ErrOther for another address, ErrClosed when the invitation is not open.
func (a *Accounts) Accept(ctx context.Context, n store.Invitation, u store.User) error {
	if u.Email != n.Email {
		return fmt.Errorf("account: accept: %w", ErrOther)
	}
	_, err := a.Store.AcceptInvitation(ctx, n.Organisation, n.ID, u)
	if err == nil && u.Verified.IsZero() {
		err = a.Store.VerifyEmail(ctx, u.ID) // the letter reached them
	}
	return closed("accept", err)
}

// AcceptAsNew makes an account with the invitation's address and takes its seat.
// store.ErrExists when the address has an account, ErrClosed when the invitation is
// not open.
func (a *Accounts) AcceptAsNew(ctx context.Context, n store.Invitation, who NewUser) (store.User, error) {
	who.Email, who.Verified = n.Email, true // the letter reached them
	u, err := a.user(ctx, who)
	if err != nil {
		return u, fmt.Errorf("account: accept as new: %w", err)
	}
	u, err = a.Store.AcceptInvitation(ctx, n.Organisation, n.ID, u)
	return u, closed("accept as new", err)
}

func closed(what string, err error) error {
	switch {
	case errors.Is(err, community.ErrNotFound):
		return fmt.Errorf("account: %s: %w", what, ErrClosed)
	case err != nil:
		return fmt.Errorf("account: %s: %w", what, err)
	}
	return nil
}
