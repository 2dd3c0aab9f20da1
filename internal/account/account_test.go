package account_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// house is an organisation with its owner.
type house struct {
	*account.Accounts
	owner account.Actor
	now   time.Time
}

func newHouse(t *testing.T) *house {
	t.Helper()
	ring, err := vault.Ensure(filepath.Join(t.TempDir(), "keys", "ring"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{now: time.Now()}
	h.Accounts = account.New(account.Config{
		Store: store.New(dbtest.New(t)), Hasher: secret.NewHasher(2), Ring: ring, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return h.now },
	})
	u, o, err := h.CreateFirst(t.Context(), account.NewUser{Email: "zoe@atelier.example", Name: "Zoé", Verified: true},
		store.Organisation{Name: "Atelier", Kind: "brand", TimeZone: "UTC", Currency: "EUR", Language: "fr"})
	if err != nil {
		t.Fatal(err)
	}
	h.owner = account.Actor{User: u, Seat: store.Seat{Organisation: o, Role: store.RoleOwner}}
	return h
}

func TestInvite(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c, err := h.Store.CreateCommunity(t.Context(), h.owner.Organisation(), "Lisière", time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	as := func(role store.Role) account.Actor {
		a := h.owner
		a.Seat.Role = role
		return a
	}
	for name, n := range map[string]struct {
		by   account.Actor
		what account.Invitation
		want error
	}{
		"an owner invites an owner":      {as(store.RoleOwner), account.Invitation{Email: "a@x.example", Role: store.RoleOwner}, nil},
		"an admin invites an analyst":    {as(store.RoleAdmin), account.Invitation{Email: "b@x.example", Role: store.RoleAnalyst}, nil},
		"an admin invites an admin":      {as(store.RoleAdmin), account.Invitation{Email: "c@x.example", Role: store.RoleAdmin}, account.ErrRank},
		"an admin invites an owner":      {as(store.RoleAdmin), account.Invitation{Email: "c@x.example", Role: store.RoleOwner}, account.ErrRank},
		"a viewer invites a guest":       {as(store.RoleViewer), account.Invitation{Email: "c@x.example", Role: store.RoleGuest}, account.ErrRank},
		"a role that does not exist":     {as(store.RoleOwner), account.Invitation{Email: "c@x.example", Role: "king"}, account.ErrRank},
		"a guest of a community":         {as(store.RoleAdmin), account.Invitation{Email: "d@x.example", Role: store.RoleGuest, Communities: []int64{c.Scope.Community}}, nil},
		"a guest of a foreign community": {as(store.RoleAdmin), account.Invitation{Email: "e@x.example", Role: store.RoleGuest, Communities: []int64{c.Scope.Community + 1}}, community.ErrNotFound},
		"somebody who has a seat":        {as(store.RoleOwner), account.Invitation{Email: "ZOE@atelier.example", Role: store.RoleViewer}, store.ErrSeated},
	} {
		t.Run(name, func(t *testing.T) {
			made, token, err := h.Invite(t.Context(), n.by, n.what)
			if !errors.Is(err, n.want) || (err == nil) != (n.want == nil) || (token == "") == (err == nil) {
				t.Fatalf("%v, token %q", err, token)
			}
			if err == nil && (made.ID == 0 || made.OrganisationName != "Atelier" || made.InvitedBy != "Zoé" || made.Language != "fr" || !made.Open(h.now)) {
				t.Errorf("%+v", made)
			}
		})
	}
	if _, _, err := h.Invite(t.Context(), h.owner, account.Invitation{Email: "A@x.example ", Role: store.RoleViewer}); !errors.Is(err, store.ErrExists) {
		t.Errorf("a second invitation: %v", err)
	}
	list, err := h.Store.Invitations(t.Context(), h.owner.Organisation())
	if err != nil || len(list) != 3 {
		t.Fatalf("%d invitations, %v", len(list), err)
	}
	if list, err := h.Store.Invitations(t.Context(), h.owner.Organisation()+1); err != nil || len(list) != 0 {
		t.Errorf("a neighbour sees %d, %v", len(list), err)
	}
	if err := h.Store.RevokeInvitation(t.Context(), h.owner.Organisation()+1, list[0].ID); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("a neighbour revokes: %v", err)
	}
	if _, _, err := h.Resend(t.Context(), as(store.RoleViewer), list[0].ID); !errors.Is(err, account.ErrRank) {
		t.Errorf("a viewer sends again: %v", err)
	}
}

// TestInvitationExpiredMakesWay: an expired one is no obstacle to a new one.
func TestInvitationExpiredMakesWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.now = h.now.Add(-8 * 24 * time.Hour)
	if _, _, err := h.Invite(t.Context(), h.owner, account.Invitation{Email: "a@x.example", Role: store.RoleViewer}); err != nil {
		t.Fatal(err)
	}
	h.now = time.Now()
	n, _, err := h.Invite(t.Context(), h.owner, account.Invitation{Email: "a@x.example", Role: store.RoleAnalyst})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := h.Store.Invitations(t.Context(), n.Organisation); err != nil || len(list) != 1 || list[0].ID != n.ID {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestAcceptOnce: of many who try at once one gets in, and no account is left behind
// by the others.
func TestAcceptOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n, token, err := h.Invite(t.Context(), h.owner, account.Invitation{Email: "a@x.example", Role: store.RoleViewer})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := h.Invited(t.Context(), token); err != nil || found.ID != n.ID {
		t.Fatalf("%+v, %v", found, err)
	}
	var (
		wg   sync.WaitGroup
		mu   sync.Mutex
		good int
	)
	for range 6 {
		wg.Go(func() {
			_, err := h.AcceptAsNew(t.Context(), n, account.NewUser{Name: "A", Password: "quatre loutres sous la braise"})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				good++
			} else if !errors.Is(err, account.ErrClosed) && !errors.Is(err, store.ErrExists) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if users, err := h.Store.Users(t.Context()); good != 1 || err != nil || users != 2 {
		t.Errorf("%d got in, %d users, %v", good, users, err)
	}
}

// TestAcceptLowersNobody: a seat that somebody has stays as it is.
func TestAcceptLowersNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	u, err := h.Create(t.Context(), account.NewUser{Email: "a@x.example"})
	if err != nil {
		t.Fatal(err)
	}
	n, _, err := h.Invite(t.Context(), h.owner, account.Invitation{Email: u.Email, Role: store.RoleViewer})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Store.SetSeat(t.Context(), n.Organisation, u.ID, store.RoleAdmin, nil); err != nil {
		t.Fatal(err)
	}
	if err := h.Accept(t.Context(), n, h.owner.User); !errors.Is(err, account.ErrOther) {
		t.Errorf("somebody else accepts: %v", err)
	}
	if err := h.Accept(t.Context(), n, u); err != nil {
		t.Fatal(err)
	}
	if err := h.Accept(t.Context(), n, u); !errors.Is(err, account.ErrClosed) {
		t.Errorf("again: %v", err)
	}
	seats, err := h.Store.Seats(t.Context(), u.ID)
	if err != nil || len(seats) != 1 || seats[0].Role != store.RoleAdmin {
		t.Errorf("%+v, %v", seats, err)
	}
	if u, err = h.Store.User(t.Context(), u.ID); err != nil || u.Verified.IsZero() {
		t.Errorf("the address is not verified, %v", err)
	}
}

// TestGuestOfWhatIsLeft: a community that went since is left out.
func TestGuestOfWhatIsLeft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var ids []int64
	for _, name := range []string{"Une", "Deux"} {
		c, err := h.Store.CreateCommunity(t.Context(), h.owner.Organisation(), name, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, c.Scope.Community)
	}
	n, _, err := h.Invite(t.Context(), h.owner, account.Invitation{Email: "a@x.example", Role: store.RoleGuest, Communities: ids})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Store.Pool().Exec(store.Across(t.Context()), `delete from community where id = $1`, ids[0]); err != nil {
		t.Fatal(err)
	}
	u, err := h.AcceptAsNew(t.Context(), n, account.NewUser{Name: "A"})
	if err != nil {
		t.Fatal(err)
	}
	seats, err := h.Store.Seats(t.Context(), u.ID)
	if err != nil || len(seats) != 1 || len(seats[0].Communities) != 1 || seats[0].Communities[0] != ids[1] {
		t.Errorf("%+v, %v", seats, err)
	}
}

func TestTickets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	type data struct{ Word string }
	token, err := h.Issue(t.Context(), account.MagicLink, h.owner.User.ID, "a@x.example", data{"secret word"})
	if err != nil {
		t.Fatal(err)
	}
	var plain int
	err = h.Store.Pool().QueryRow(t.Context(), `select count(*) from ticket where encode(data, 'escape') like '%secret word%' or encode(hash, 'escape') like '%' || $1 || '%'`, token).Scan(&plain)
	if err != nil || plain != 0 {
		t.Errorf("%d tickets can be read, %v", plain, err)
	}
	var got data
	if _, err := h.See(t.Context(), account.Reset, token, &got); !errors.Is(err, community.ErrNotFound) {
		t.Errorf("good for another purpose: %v", err)
	}
	for range 2 {
		if n, err := h.See(t.Context(), account.MagicLink, token, &got); err != nil || got.Word != "secret word" || n.Email != "a@x.example" {
			t.Errorf("%+v %+v, %v", n, got, err)
		}
	}
	if _, err := h.Use(t.Context(), account.MagicLink, token, nil); err != nil {
		t.Error(err)
	}
	for name, use := range map[string]func() error{
		"see": func() error { _, err := h.See(t.Context(), account.MagicLink, token, nil); return err },
		"use": func() error { _, err := h.Use(t.Context(), account.MagicLink, token, nil); return err },
		"try": func() error { _, err := h.Try(t.Context(), account.MagicLink, token, nil); return err },
	} {
		if err := use(); !errors.Is(err, community.ErrNotFound) {
			t.Errorf("%s after use: %v", name, err)
		}
	}
}
