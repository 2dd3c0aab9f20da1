package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// How long sessions last.
const (
	// Idle ends a session that nobody used for so long.
	Idle = 14 * 24 * time.Hour
	// Absolute ends every session so long after signing in.
	Absolute = 60 * 24 * time.Hour
	// ConfirmedFor is how long after proving to be there a person may do
	// dangerous things.
	ConfirmedFor = 15 * time.Minute
)

// ErrCredentials says that address and password do not belong together: also for
// an unknown address, and after the same time.
var ErrCredentials = errors.New("unknown address or wrong password")

// Config is what Accounts needs.
type Config struct {
	Store  *store.Store
	Hasher *secret.Hasher
	Ring   *vault.Ring
	Log    *slog.Logger
	Now    func() time.Time
	// OpenSignUp lets anybody make an account and an organisation.
	OpenSignUp bool
}

// Accounts lets people in.
type Accounts struct{ Config }

// New returns Accounts.
func New(c Config) *Accounts { return &Accounts{c} }

// NewUser is what somebody says of themself when they come.
type NewUser struct {
	Email, Name, Password, Language string
	Verified                        bool // the address was shown to be theirs
}

// user makes a user of it, ready to be stored.
func (a *Accounts) user(ctx context.Context, n NewUser) (store.User, error) {
	u := store.User{Email: n.Email, Name: n.Name, Language: n.Language, Handle: make([]byte, 32)}
	_, _ = rand.Read(u.Handle) // never fails
	if n.Verified {
		u.Verified = a.Now()
	}
	if n.Password == "" {
		return u, nil
	}
	var err error
	u.Password, err = a.Hasher.Hash(ctx, n.Password)
	return u, err
}

// CreateFirst makes the first person and organisation of a new instance;
// store.ErrNotFirst when there is somebody already.
func (a *Accounts) CreateFirst(ctx context.Context, n NewUser, o store.Organisation) (store.User, store.Organisation, error) {
	u, err := a.user(ctx, n)
	if err != nil {
		return u, o, fmt.Errorf("account: create first: %w", err)
	}
	return a.Store.CreateFirst(ctx, u, o)
}

// Create makes a person; store.ErrExists when the address is known.
func (a *Accounts) Create(ctx context.Context, n NewUser) (store.User, error) {
	u, err := a.user(ctx, n)
	if err != nil {
		return u, fmt.Errorf("account: create: %w", err)
	}
	return a.Store.CreateUser(ctx, u)
}

// CheckPassword returns the person that address and password belong to, or
// ErrCredentials. An unknown address takes as long as a known one.
func (a *Accounts) CheckPassword(ctx context.Context, email, password string) (store.User, error) {
	u, err := a.Store.UserByEmail(ctx, email)
	if errors.Is(err, community.ErrNotFound) || err == nil && (u.Password == "" || !u.Disabled.IsZero()) {
		if err := a.Hasher.Dummy(ctx, password); err != nil {
			return store.User{}, fmt.Errorf("account: check password: %w", err)
		}
		return store.User{}, ErrCredentials
	}
	if err != nil {
		return store.User{}, fmt.Errorf("account: check password: %w", err)
	}
	ok, rehash, err := a.Hasher.Verify(ctx, u.Password, password)
	if err != nil {
		return store.User{}, fmt.Errorf("account: check password: %w", err)
	}
	if !ok {
		return store.User{}, ErrCredentials
	}
	if rehash {
		if hash, err := a.Hasher.Hash(ctx, password); err == nil {
			if err := a.Store.UpgradePassword(ctx, u.ID, u.Password, hash); err != nil {
				a.Log.WarnContext(ctx, "password not upgraded", slog.Any("error", err))
			}
		}
	}
	return u, nil
}

// SetPassword replaces a person's password and ends their other sessions.
func (a *Accounts) SetPassword(ctx context.Context, user int64, password string, except int64) error {
	hash, err := a.Hasher.Hash(ctx, password)
	if err != nil {
		return fmt.Errorf("account: set password: %w", err)
	}
	return a.Store.SetPassword(ctx, user, hash, except)
}

// Place is the browser that somebody signs in with.
type Place struct {
	Address string
	Agent   string
}

// Start begins a session and returns its token, which only the browser keeps.
func (a *Accounts) Start(ctx context.Context, u store.User, p Place, second bool) (string, error) {
	token, hash := secret.Token()
	n := store.Session{
		User: u.ID, Expires: a.Now().Add(Absolute), SecondFactor: second, Address: p.Address, Agent: short(p.Agent, 300),
	}
	if _, err := a.Store.CreateSession(ctx, n, hash); err != nil {
		return "", fmt.Errorf("account: start: %w", err)
	}
	return token, nil
}

// seenEvery bounds how often a session is noted to be in use.
const seenEvery = time.Minute

// Resolve returns who a token belongs to; the zero Actor for nobody.
func (a *Accounts) Resolve(ctx context.Context, token, address string) (Actor, error) {
	if token == "" || len(token) > 200 {
		return Actor{Address: address}, nil
	}
	n, u, err := a.Store.SessionByHash(ctx, secret.HashToken(token), Idle)
	if errors.Is(err, community.ErrNotFound) {
		return Actor{Address: address}, nil
	}
	if err != nil {
		return Actor{}, fmt.Errorf("account: resolve: %w", err)
	}
	actor := Actor{User: u, Session: n, Address: address}
	if actor.Seats, err = a.Store.Seats(ctx, u.ID); err != nil {
		return Actor{}, fmt.Errorf("account: resolve: %w", err)
	}
	actor.Seat = seatFor(actor.Seats, n.ActingFor)
	if now := a.Now(); now.Sub(n.Seen) > seenEvery || n.Address != address {
		if err := a.Store.SeeSession(ctx, n.ID, address); err != nil {
			return Actor{}, fmt.Errorf("account: resolve: %w", err)
		}
	}
	return actor, nil
}

// seatFor is the seat that a session works in: the one it chose, else the first,
// and the sample data only when there is nothing else.
func seatFor(seats []store.Seat, chosen int64) store.Seat {
	var first store.Seat
	for _, seat := range seats {
		if seat.Organisation.ID == chosen {
			return seat
		}
		if first.Organisation.ID == 0 || first.Organisation.Sample && !seat.Organisation.Sample {
			first = seat
		}
	}
	return first
}

// For returns the actor at work for another of their organisations; false when
// they have no seat there.
func (a Actor) For(organisation int64) (Actor, bool) {
	for _, seat := range a.Seats {
		if seat.Organisation.ID == organisation {
			a.Seat = seat
			return a, true
		}
	}
	return a, false
}

// Confirmed says whether the person proved to be there a short while ago.
func (a Actor) Confirmed(now time.Time) bool {
	return a.User.ID != 0 && now.Sub(a.Session.Confirmed) < ConfirmedFor
}

// ResolveKey returns the actor behind a key of the API; the zero Actor for an
// unknown, expired or revoked one.
func (a *Accounts) ResolveKey(ctx context.Context, key, address string) (Actor, error) {
	k, err := a.Store.KeyByHash(ctx, secret.HashToken(key))
	if errors.Is(err, community.ErrNotFound) {
		return Actor{Address: address}, nil
	}
	if err != nil {
		return Actor{}, fmt.Errorf("account: resolve key: %w", err)
	}
	o, err := a.Store.Organisation(ctx, k.Organisation)
	if err != nil {
		return Actor{}, fmt.Errorf("account: resolve key: %w", err)
	}
	if err := a.Store.SeeKey(ctx, k); err != nil {
		a.Log.WarnContext(ctx, "use of a key not noted", slog.Any("error", err))
	}
	return Actor{Key: k, Seat: store.Seat{Organisation: o}, Address: address}, nil
}

// short cuts foreign text to a number of bytes, at a character.
func short(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
