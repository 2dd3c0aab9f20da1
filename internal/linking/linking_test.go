package linking_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/foyer-app/foyer/internal/linking"
)

var now = time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)

func identity(id int64) linking.Ref { return linking.Ref{ID: id} }
func customer(id int64) linking.Ref { return linking.Ref{Customer: true, ID: id} }

func person(id int64, platform string) linking.Node {
	return linking.Node{Ref: identity(id), Member: id, Source: platform}
}

func buyer(id int64, shop string) linking.Node {
	return linking.Node{Ref: customer(id), Source: shop}
}

func key(r linking.Ref, kind linking.Kind, hash string, verified bool) linking.Key {
	return linking.Key{Ref: r, Kind: kind, Hash: hash, Verified: verified, Seen: now.AddDate(0, -1, 0)}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	ann, bob := person(1, "chat"), person(2, "chat")
	shop, guest := buyer(1, "shop"), buyer(2, "shop")
	guest.Guest = true
	bot := person(3, "chat")
	bot.Bot = true
	objects := person(4, "chat")
	objects.Unmatched = true
	old := key(shop.Ref, linking.Phone, "n", true)
	old.Seen = now.AddDate(-2, 0, 0)
	pair := linking.NewPair(ann.Ref, shop.Ref)
	for name, test := range map[string]struct {
		in       linking.Input
		rule     linking.Rule // of the link between ann and shop; empty: none
		sure     float64
		suggests linking.Rule
	}{
		"both verified":           {linking.Input{Keys: []linking.Key{key(ann.Ref, linking.Email, "e", true), key(shop.Ref, linking.Email, "e", true)}}, linking.ByEmail, 0.99, ""},
		"one verified":            {linking.Input{Keys: []linking.Key{key(ann.Ref, linking.Email, "e", true), key(shop.Ref, linking.Email, "e", false)}}, linking.ByEmail, 0.98, ""},
		"none verified":           {linking.Input{Keys: []linking.Key{key(ann.Ref, linking.Email, "e", false), key(shop.Ref, linking.Email, "e", false)}}, linking.ByEmail, 0.95, ""},
		"another address":         {linking.Input{Keys: []linking.Key{key(ann.Ref, linking.Email, "e", true), key(shop.Ref, linking.Email, "f", true)}}, "", 0, ""},
		"an account of the other": {linking.Input{Keys: []linking.Key{key(ann.Ref, linking.Account, "a", true), key(shop.Ref, linking.Account, "a", true)}}, linking.ByAccount, 1, ""},
		"phone not allowed":       {linking.Input{Keys: []linking.Key{key(ann.Ref, linking.Phone, "n", true), key(shop.Ref, linking.Phone, "n", true)}}, "", 0, linking.ByPhone},
		"phone allowed":           {linking.Input{Phone: true, Keys: []linking.Key{key(ann.Ref, linking.Phone, "n", true), key(shop.Ref, linking.Phone, "n", true)}}, linking.ByPhone, 0.95, ""},
		"phone of long ago":       {linking.Input{Phone: true, Keys: []linking.Key{key(ann.Ref, linking.Phone, "n", true), old}}, "", 0, ""},
		"a loose address":         {linking.Input{Keys: []linking.Key{key(ann.Ref, linking.Loose, "l", true), key(shop.Ref, linking.Loose, "l", true)}}, "", 0, linking.ByLoose},
		"never":                   {linking.Input{Never: []linking.Pair{pair}, Keys: []linking.Key{key(ann.Ref, linking.Email, "e", true), key(shop.Ref, linking.Email, "e", true)}}, "", 0, ""},
		"never outweighs a hand":  {linking.Input{Never: []linking.Pair{pair}, Said: []linking.Link{{A: ann.Ref, B: shop.Ref, Rule: linking.ByHand, Confidence: 1}}}, "", 0, ""},
		"by hand":                 {linking.Input{Said: []linking.Link{{A: shop.Ref, B: ann.Ref, Rule: linking.ByHand, Confidence: 1}}}, linking.ByHand, 1, ""},
	} {
		test.in.Nodes, test.in.Now = []linking.Node{ann, shop}, now
		out := linking.Decide(test.in)
		var rule linking.Rule
		var sure float64
		if len(out.Links) > 0 {
			rule, sure = out.Links[0].Rule, out.Links[0].Confidence
		}
		var suggests linking.Rule
		if len(out.Suggestions) > 0 {
			suggests = out.Suggestions[0].Rule
		}
		if rule != test.rule || sure != test.sure || suggests != test.suggests || len(out.Persons) != len(out.Links) {
			t.Errorf("%s: %+v", name, out)
		}
	}
	mail := func(refs ...linking.Ref) (keys []linking.Key) {
		for _, r := range refs {
			keys = append(keys, key(r, linking.Email, "e", true))
		}
		return keys
	}
	for name, test := range map[string]struct {
		nodes   []linking.Node
		keys    []linking.Key
		persons [][]linking.Ref
	}{
		"two people of one platform share an address":   {[]linking.Node{ann, bob, shop}, mail(ann.Ref, bob.Ref, shop.Ref), [][]linking.Ref{{ann.Ref, shop.Ref}}},
		"a guest and an account of one shop":            {[]linking.Node{shop, guest}, mail(shop.Ref, guest.Ref), [][]linking.Ref{{shop.Ref, guest.Ref}}},
		"a bot is nobody":                               {[]linking.Node{bot, shop}, mail(bot.Ref, shop.Ref), nil},
		"somebody who objects":                          {[]linking.Node{objects, shop}, mail(objects.Ref, shop.Ref), nil},
		"somebody who objects, through another account": {[]linking.Node{objects, person(7, "forum"), shop}, mail(objects.Ref, identity(7), shop.Ref), [][]linking.Ref{{objects.Ref, identity(7)}}},
		"three sources":                                 {[]linking.Node{ann, shop, buyer(9, "billing")}, mail(ann.Ref, shop.Ref, customer(9)), [][]linking.Ref{{ann.Ref, shop.Ref, customer(9)}}},
		"a company's mailbox":                           {[]linking.Node{buyer(1, "a"), buyer(2, "b"), buyer(3, "c"), buyer(4, "d"), buyer(5, "e"), buyer(6, "f"), buyer(7, "g")}, mail(customer(1), customer(2), customer(3), customer(4), customer(5), customer(6), customer(7)), nil},
		"a key of nobody":                               {[]linking.Node{ann}, mail(ann.Ref, customer(77)), nil},
	} {
		got := linking.Decide(linking.Input{Nodes: test.nodes, Keys: test.keys, Now: now}).Persons
		if len(got)+len(test.persons) > 0 && !reflect.DeepEqual(got, test.persons) {
			t.Errorf("%s: %v, want %v", name, got, test.persons)
		}
	}
}

// TestApartStaysApart: what never may be one person is not made one through a third.
func TestApartStaysApart(t *testing.T) {
	t.Parallel()
	a, b, c := person(1, "chat"), buyer(1, "shop"), buyer(2, "billing")
	in := linking.Input{
		Nodes: []linking.Node{a, b, c}, Never: []linking.Pair{linking.NewPair(a.Ref, c.Ref)}, Now: now,
		Keys: []linking.Key{key(a.Ref, linking.Email, "x", true), key(b.Ref, linking.Email, "x", true), key(b.Ref, linking.Email, "y", true), key(c.Ref, linking.Email, "y", false)},
	}
	got := linking.Decide(in).Persons
	if want := [][]linking.Ref{{a.Ref, b.Ref}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v", got)
	}
}

// world is a seeded crowd with shared keys, people who said things, and vetoes.
func world(seed uint64, n int) linking.Input {
	r := rand.New(rand.NewPCG(seed, 1))
	in := linking.Input{Now: now, Phone: seed%2 == 0}
	for i := range int64(n) {
		p := person(i, []string{"chat", "forum"}[r.IntN(2)])
		p.Member, p.Bot, p.Unmatched = i/2*2, r.IntN(20) == 0, r.IntN(20) == 0
		c := buyer(i, []string{"shop", "billing", "sheet"}[r.IntN(3)])
		c.Guest = r.IntN(3) == 0
		in.Nodes = append(in.Nodes, p, c)
		for _, ref := range []linking.Ref{p.Ref, c.Ref} {
			in.Keys = append(in.Keys, key(ref, linking.Kind(1+r.IntN(4)), fmt.Sprint(r.IntN(n)), r.IntN(2) == 0))
		}
	}
	for range n / 10 {
		in.Never = append(in.Never, linking.NewPair(identity(r.Int64N(int64(n))), customer(r.Int64N(int64(n)))))
		in.Said = append(in.Said, linking.Link{A: identity(r.Int64N(int64(n))), B: customer(r.Int64N(int64(n))), Rule: linking.ByHand, Confidence: 1})
	}
	return in
}

func TestProperties(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		in := world(seed, 40)
		out := linking.Decide(in)
		mixed := in
		r := rand.New(rand.NewPCG(seed, 2))
		mixed.Nodes, mixed.Keys, mixed.Never = slices.Clone(in.Nodes), slices.Clone(in.Keys), slices.Clone(in.Never)
		r.Shuffle(len(mixed.Keys), func(i, j int) { mixed.Keys[i], mixed.Keys[j] = mixed.Keys[j], mixed.Keys[i] })
		r.Shuffle(len(mixed.Nodes), func(i, j int) { mixed.Nodes[i], mixed.Nodes[j] = mixed.Nodes[j], mixed.Nodes[i] })
		r.Shuffle(len(mixed.Never), func(i, j int) { mixed.Never[i], mixed.Never[j] = mixed.Never[j], mixed.Never[i] })
		if again := linking.Decide(mixed); !reflect.DeepEqual(again, out) {
			t.Errorf("seed %d: depends on the order of the input", seed)
		}
		// Decided again with its own links as what is known, nothing changes: no link
		// is needed for itself.
		personOf := map[linking.Ref]int{}
		for i, p := range out.Persons {
			for _, ref := range p {
				personOf[ref] = i + 1
			}
		}
		for _, p := range in.Never {
			if a := personOf[p.A]; a != 0 && a == personOf[p.B] {
				t.Errorf("seed %d: %v are one person and never may", seed, p)
			}
		}
		bots := map[int]int{}
		for _, n := range in.Nodes {
			if p := personOf[n.Ref]; p != 0 && n.Unmatched && slices.ContainsFunc(out.Persons[p-1], func(r linking.Ref) bool { return r.Customer }) {
				t.Errorf("seed %d: %v objects and is matched, through whomever", seed, n.Ref)
			}
			if p := personOf[n.Ref]; p != 0 && n.Bot {
				for _, ref := range out.Persons[p-1] {
					if ref.Customer {
						bots[p]++
					}
				}
			}
		}
		if len(bots) > 0 {
			t.Errorf("seed %d: a bot buys", seed)
		}
		for _, s := range out.Suggestions {
			if a := personOf[s.A]; a != 0 && a == personOf[s.B] {
				t.Errorf("seed %d: asks what is known", seed)
			}
		}
		// Link, then unlink: with the pair forbidden and allowed again, all is as before.
		apart := in
		if len(out.Links) > 0 {
			apart.Never = append(slices.Clone(in.Never), linking.NewPair(out.Links[0].A, out.Links[0].B))
			if reflect.DeepEqual(linking.Decide(apart), out) {
				t.Errorf("seed %d: forbidding a link changes nothing", seed)
			}
		}
		if again := linking.Decide(in); !reflect.DeepEqual(again, out) {
			t.Errorf("seed %d: not the same twice", seed)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	in := linking.Input{Now: now}
	for i := range int64(100_000) {
		in.Nodes = append(in.Nodes, person(i, "chat"), buyer(i, "shop"))
		in.Keys = append(in.Keys, key(identity(i), linking.Email, fmt.Sprint("e", i), true), key(customer(i), linking.Email, fmt.Sprint("e", i+i%3), false), key(customer(i), linking.Phone, fmt.Sprint("p", i), false))
	}
	b.ReportAllocs()
	for b.Loop() {
		if out := linking.Decide(in); len(out.Persons) == 0 {
			b.Fatal("nobody")
		}
	}
}
