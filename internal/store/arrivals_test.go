package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

var arrivalBase = time.Date(2024, 5, 6, 9, 0, 0, 0, time.UTC)

func joinOf(who string, day int, i *community.Invitation) community.Activity {
	a := community.Activity{
		Kind: community.Join, At: arrivalBase.AddDate(0, 0, day), Actor: who, Amount: 1, Invitation: i,
	}
	a.ExternalID = fmt.Sprintf("talk/j/%s/%d", who, day)
	switch {
	case i == nil:
	case i.Known:
		a.Revision = 2
	default:
		a.Revision = 1
	}
	return a
}

func by(inviter string) *community.Invitation {
	return &community.Invitation{Known: true, Code: "code-of-" + inviter, Inviter: inviter}
}

// guests gives whom the activities name a name.
func guests(list []community.Activity) community.Batch {
	b := community.Batch{Activities: list}
	for _, a := range list {
		b.Identities = append(b.Identities, community.Identity{ExternalID: a.Actor, Name: "Quidam " + a.Actor})
	}
	return b
}

func leaveOf(who string, day int) community.Activity {
	return community.Activity{
		Kind: community.Leave, ExternalID: fmt.Sprintf("talk/l/%s/%d", who, day), At: arrivalBase.AddDate(0, 0, day), Actor: who, Amount: 1,
	}
}

func TestArrivals(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Lisière")
	s = s.WithKeys(keys(t))
	source := community.Source{Platform: "talk", ExternalID: "one", Measures: community.Measures{Joins: true, Leaves: true}}
	in := newIntake(t, s, c, source)
	put := func(list ...community.Activity) {
		t.Helper()
		if _, err := in.Store(t.Context(), guests(list), nil); err != nil {
			t.Fatal(err)
		}
		rollUpAll(t, s, c)
	}
	unknown := &community.Invitation{}
	put(joinOf("ana", 0, nil), joinOf("bo", 0, nil))
	put(joinOf("cy", 1, nil), joinOf("cy", 1, by("ana"))) // told of in one batch
	put(joinOf("di", 1, nil))
	put(joinOf("di", 1, by("bo")), joinOf("ed", 2, by("ana")), joinOf("flo", 2, unknown), joinOf("gil", 2, &community.Invitation{Known: true, Code: "lisiere"}))
	put(joinOf("ed", 2, unknown))                                                    // the platform repeats a join: what is known stays
	put(joinOf("hal", 2, unknown), joinOf("hal", 2, by("bo")), joinOf("di", 1, nil)) // and what becomes known replaces
	came := func(who string) string {
		t.Helper()
		id := memberOf(t, pool, c, who)
		list, err := s.Arrivals(t.Context(), c.Scope, []int64{id})
		if err != nil {
			t.Fatal(err)
		}
		a, ok := list[id]
		if !ok {
			return "nobody looked"
		}
		return strings.TrimSpace(fmt.Sprint(a.Known, " ", a.Code, " ", a.Name))
	}
	for who, want := range map[string]string{
		"ana": "nobody looked", "cy": "true code-of-ana Quidam ana", "di": "true code-of-bo Quidam bo", "ed": "true code-of-ana Quidam ana",
		"flo": "false", "gil": "true lisiere", "hal": "true code-of-bo Quidam bo",
	} {
		if got := came(who); got != want {
			t.Errorf("%s came by %q, want %q", who, got, want)
		}
	}
	// A week later one of Ana's two guests has left.
	put(leaveOf("cy", 4), joinOf("ivo", 12, by("ana")), joinOf("jo", 40, by("ana")))
	window := community.Window{From: community.DateOf(arrivalBase, c.Location), To: community.DateOf(arrivalBase.AddDate(0, 0, 30), c.Location)}
	stayed := func(now time.Time) string {
		t.Helper()
		list, err := s.InvitesThatStayed(t.Context(), c, window, 7, now)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, i := range list {
			out = append(out, fmt.Sprintf("%s %d/%d young %d", i.Name, i.Stayed, i.Invited, i.Young))
		}
		return strings.Join(out, ", ")
	}
	if got, want := stayed(arrivalBase.AddDate(0, 0, 15)), "Quidam bo 2/2 young 0, Quidam ana 1/3 young 1"; got != want {
		t.Errorf("stayed: %s, want %s", got, want)
	}
	if got, want := stayed(arrivalBase.AddDate(0, 0, 30)), "Quidam ana 2/3 young 0, Quidam bo 2/2 young 0"; got != want {
		t.Errorf("later: %s, want %s", got, want)
	}
	if got := exported(t, s, c, memberOf(t, pool, c, "ana")); len(got) != 4 || slices.ContainsFunc(got, func(r string) bool { return !strings.Contains(r, `"invited"`) }) {
		t.Errorf("exported of Ana: %v", got)
	}
	cy := memberOf(t, pool, c, "cy")
	if got := exported(t, s, c, cy); len(got) != 1 || !strings.Contains(got[0], `"came"`) || !strings.Contains(got[0], "code-of-ana") || strings.Contains(got[0], "Quidam") {
		t.Errorf("exported of Cy: %v", got)
	}
	if _, err := s.EraseMember(t.Context(), c.Scope, memberOf(t, pool, c, "ana")); err != nil {
		t.Fatal(err)
	}
	put(joinOf("kim", 13, by("ana")))
	for who, want := range map[string]string{"cy": "true", "kim": "true", "di": "true code-of-bo Quidam bo"} {
		if got := came(who); got != want {
			t.Errorf("after the erasure %s came by %q, want %q", who, got, want)
		}
	}
	for _, word := range []string{"code-of-ana", "Quidam ana"} {
		if found := traces(t, pool, word); len(found) > 0 {
			t.Errorf("%q is still in %v", word, found)
		}
	}
}

// exported are the arrivals in everything that is handed to a member.
func exported(t *testing.T, s *store.Store, c community.Community, member int64) (rows []string) {
	t.Helper()
	section := ""
	err := s.ExportMember(t.Context(), c.Scope, member, func(name string) error {
		section = name
		return nil
	}, func(r json.RawMessage) error {
		if section == "arrivals" {
			rows = append(rows, string(r))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestArrivalsGoWithTheirConnection: what one server told goes with it, of people
// whom another server of the platform knows as well.
func TestArrivalsGoWithTheirConnection(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	s, c := newCommunity(t, pool, "Lisière")
	for _, account := range []string{"one", "two"} {
		in := newIntake(t, s, c, community.Source{Platform: "talk", ExternalID: account})
		join := joinOf("ana", len(account)+len(account[:1]), by("bo"))
		join.ExternalID += account
		if account == "two" {
			join.At = join.At.Add(time.Hour)
		}
		if _, err := in.Store(t.Context(), guests([]community.Activity{join}), nil); err != nil {
			t.Fatal(err)
		}
	}
	list, err := s.Connections(t.Context(), c.Scope)
	if err != nil || len(list) != 2 {
		t.Fatalf("%d connections, %v", len(list), err)
	}
	if err := s.EraseConnection(t.Context(), list[0]); err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, pool, "arrival"); n != 1 {
		t.Errorf("%d arrivals are left, want 1", n)
	}
}
