package account

import (
	"context"
	"slices"

	"github.com/foyer-app/foyer/internal/store"
)

// Actor is who asks: a person with a session, or a key of the API, and what they
// may do for the organisation they work for now.
type Actor struct {
	User    store.User    // zero for a key
	Session store.Session // zero for a key
	Key     store.Key     // zero for a person
	Seats   []store.Seat  // the organisations that the person may switch to
	Seat    store.Seat    // the one worked for now; zero when there is none
	Address string        // from where
}

// SignedIn says whether there is a person or a key.
func (a Actor) SignedIn() bool { return a.User.ID != 0 || a.Key.ID != 0 }

// Organisation is the one worked for now; 0 for none.
func (a Actor) Organisation() int64 { return a.Seat.Organisation.ID }

// May says whether the actor has a permission for the organisation.
func (a Actor) May(p Permission) bool {
	if a.Key.ID != 0 {
		return a.Key.Allows(string(p))
	}
	return a.Organisation() != 0 && May(a.Seat.Role, p)
}

// Sees says whether a community of the organisation is shown to the actor: all
// are, but to a guest and to a key that is bound to some.
func (a Actor) Sees(community int64) bool {
	switch {
	case a.Key.ID != 0:
		return len(a.Key.Communities) == 0 || slices.Contains(a.Key.Communities, community)
	case a.Seat.Role == store.RoleGuest:
		return slices.Contains(a.Seat.Communities, community)
	}
	return a.Organisation() != 0
}

// Label names the actor in the audit log.
func (a Actor) Label() string {
	switch {
	case a.Key.ID != 0:
		return a.Key.Name + " (" + a.Key.Prefix + ")"
	case a.User.ID != 0:
		return a.User.Label()
	}
	return ""
}

// Entry begins an entry of the audit log by this actor.
func (a Actor) Entry(action, target string) store.AuditEntry {
	return store.AuditEntry{
		Organisation: a.Organisation(), User: a.User.ID, Actor: a.Label(), Action: action, Target: target, Address: a.Address,
	}
}

type actorKey struct{}

// WithActor returns a context in which the actor asks. What the store is asked
// then is of the actor's organisation, or nothing.
func WithActor(ctx context.Context, a Actor) context.Context {
	return context.WithValue(store.WithTenant(ctx, a.Organisation()), actorKey{}, a)
}

// ActorOf returns who asks; the zero Actor is nobody.
func ActorOf(ctx context.Context) Actor {
	a, _ := ctx.Value(actorKey{}).(Actor)
	return a
}
