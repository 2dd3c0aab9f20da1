// Package linking decides which accounts are one person's: identities of chat
// platforms and customers of shops. It knows no database; its input is what is
// known of the accounts, its output the links that follow and what is to be asked.
package linking

import (
	"cmp"
	"slices"
	"time"
)

// Rule is why two accounts are one person's.
type Rule string

// The rules, from the surest to the weakest.
const (
	ByHand    Rule = "hand"    // somebody of the team said so
	ByMember  Rule = "member"  // the member said so, signed in at both
	ByMerge   Rule = "merge"   // the source itself merged two customers
	ByCode    Rule = "code"    // a personal code that was used once
	ByAccount Rule = "account" // one names the other's account
	ByEmail   Rule = "email"   // the same address
	ByPhone   Rule = "phone"   // the same mobile number
	ByLoose   Rule = "loose"   // an address that differs by a tag or dots
)

// tooMany people behind one key are a shared mailbox and not a person.
const tooMany = 6

// confidence is how sure a rule is, by how many sides made sure of the key.
func (r Rule) confidence(verified int) float64 {
	switch r {
	case ByEmail:
		return [...]float64{0.95, 0.98, 0.99}[min(verified, 2)]
	case ByPhone:
		return 0.95
	case ByLoose:
		return 0.70
	}
	return 1
}

// Kind is what a key is made of. The numbers are stored.
type Kind int16

// The kinds of key.
const (
	Email   Kind = 1
	Loose   Kind = 2
	Phone   Kind = 3
	Account Kind = 4
)

// Ref names an account.
type Ref struct {
	Customer bool // else an identity
	ID       int64
}

func (r Ref) compare(o Ref) int {
	if r.Customer != o.Customer {
		if o.Customer {
			return -1
		}
		return 1
	}
	return cmp.Compare(r.ID, o.ID)
}

// Node is an account and what matters about it.
type Node struct {
	Ref
	Member int64  // of an identity
	Source string // where it is an account: two of one source are two people, unless guests
	Bot    bool
	Guest  bool // a customer without an account
	// Unmatched says that the person objects to being matched.
	Unmatched bool
}

// Key is something that an account is recognised by.
type Key struct {
	Ref
	Kind     Kind
	Hash     string
	Verified bool
	Seen     time.Time
}

// Link says that two accounts are one person's. A is never above B.
type Link struct {
	A, B       Ref
	Rule       Rule
	Confidence float64
}

// Pair are two accounts, A not above B.
type Pair struct{ A, B Ref }

// NewPair puts two accounts in order.
func NewPair(a, b Ref) Pair {
	if a.compare(b) > 0 {
		a, b = b, a
	}
	return Pair{a, b}
}

// Input is what is known.
type Input struct {
	Nodes []Node
	Keys  []Key
	Said  []Link // by hand, by members, by sources, by codes: they hold unless vetoed
	Never []Pair
	Phone bool // the same mobile number links by itself
	Now   time.Time
}

// Result is what follows: links by rule, what to ask, and the persons with more
// than one account, each in order, ordered by their first.
type Result struct {
	Links       []Link // Said that hold, and those that rules add
	Suggestions []Link
	Persons     [][]Ref
}

// Decide applies the rules from the surest to the weakest. A link that would make
// one person of two that cannot be one is left out: of two people of one source, of
// a bot and a human, or of accounts that somebody said are not one person's.
func Decide(in Input) Result {
	g := newGroups(in)
	var out Result
	said := map[Pair]bool{}
	for _, l := range in.Said {
		p := NewPair(l.A, l.B)
		said[p] = true
		if g.join(p, l.Rule == ByHand || l.Rule == ByMember || l.Rule == ByMerge) {
			out.Links = append(out.Links, Link{p.A, p.B, l.Rule, l.Confidence})
		}
	}
	for _, l := range candidates(in, g) {
		p := Pair{l.A, l.B}
		if said[p] || g.forbidden(p) {
			continue
		}
		if !automatic(l, in) {
			if !g.together(p) && g.allowed(p) {
				out.Suggestions = append(out.Suggestions, l)
			}
			continue
		}
		if g.join(p, false) {
			out.Links = append(out.Links, l)
		}
	}
	// What is one person by now needs no asking.
	out.Suggestions = slices.DeleteFunc(out.Suggestions, func(l Link) bool { return g.together(Pair{l.A, l.B}) })
	out.Persons = g.persons()
	return out
}

func automatic(l Link, in Input) bool { return l.Rule != ByLoose && (l.Rule != ByPhone || in.Phone) }

// candidates are the pairs that share a key, each by its surest rule, in the order
// in which they are decided.
func candidates(in Input, g *groups) []Link {
	best := map[Pair]Link{}
	keys := slices.Clone(in.Keys)
	slices.SortFunc(keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Hash, b.Hash), a.Ref.compare(b.Ref))
	})
	for i := 0; i < len(keys); {
		j := i + 1
		for j < len(keys) && keys[j].Kind == keys[i].Kind && keys[j].Hash == keys[i].Hash {
			j++
		}
		shared(keys[i:j], in, g, best)
		i = j
	}
	out := make([]Link, 0, len(best))
	for _, l := range best {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b Link) int {
		return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), a.A.compare(b.A), a.B.compare(b.B))
	})
	return out
}

// shared notes the pairs behind one key. Of accounts that are many people's, such
// as a mailbox of a company, nothing follows.
func shared(keys []Key, in Input, g *groups, best map[Pair]Link) {
	if len(keys) < 2 || g.people(keys) > tooMany {
		return
	}
	for i, a := range keys {
		for _, b := range keys[i+1:] {
			if a.Ref == b.Ref || !g.known(a.Ref) || !g.known(b.Ref) {
				continue
			}
			rule, ok := ruleOf(a, b, in.Now)
			if !ok {
				continue
			}
			verified := 0
			for _, v := range []bool{a.Verified, b.Verified} {
				if v {
					verified++
				}
			}
			p := NewPair(a.Ref, b.Ref)
			l := Link{p.A, p.B, rule, rule.confidence(verified)}
			if was, ok := best[p]; !ok || l.Confidence > was.Confidence {
				best[p] = l
			}
		}
	}
}

// ruleOf is the rule by which a shared key links. A number that was not seen for
// long may be somebody else's by now.
func ruleOf(a, b Key, now time.Time) (Rule, bool) {
	switch a.Kind {
	case Account:
		return ByAccount, true
	case Email:
		return ByEmail, true
	case Loose:
		return ByLoose, true
	case Phone:
		fresh := now.AddDate(-1, 0, 0)
		return ByPhone, a.Seen.After(fresh) && b.Seen.After(fresh)
	}
	return "", false
}
