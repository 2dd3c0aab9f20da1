package linking

import (
	"slices"
)

// groups are the persons so far, as a forest of accounts.
type groups struct {
	at     map[Ref]int
	nodes  []Node
	parent []int
	size   []int
	// seats are, of each person, the accounts by source: two of one source are
	// two people. Guests, and identities of one member, share a seat.
	seats map[int]map[string]int64
	bots  map[int]bool
	// objects are the persons of whom a member objects to being matched, buys those
	// who have a customer: the two are never one.
	objects, buys map[int]bool
	never         map[Pair]bool
	// apart are, of each person, those that it may not be one with.
	apart map[int]map[int]bool
}

func newGroups(in Input) *groups {
	n := len(in.Nodes)
	g := &groups{
		at: make(map[Ref]int, n), nodes: in.Nodes, parent: make([]int, n), size: make([]int, n),
		seats: make(map[int]map[string]int64, n), bots: map[int]bool{}, objects: map[int]bool{}, buys: map[int]bool{}, never: make(map[Pair]bool, len(in.Never)), apart: map[int]map[int]bool{},
	}
	members := map[int64]int{}
	for i, node := range in.Nodes {
		g.at[node.Ref], g.parent[i], g.size[i] = i, i, 1
		g.seats[i] = map[string]int64{}
		if !node.Guest {
			g.seats[i][node.Source] = seat(node)
		}
		if node.Bot {
			g.bots[i] = true
		}
		if node.Unmatched {
			g.objects[i] = true
		}
		if node.Customer {
			g.buys[i] = true
		}
	}
	for i, node := range in.Nodes {
		if node.Customer {
			continue
		}
		if first, ok := members[node.Member]; ok {
			g.merge(g.find(first), g.find(i))
		} else {
			members[node.Member] = i
		}
	}
	for _, p := range in.Never {
		g.never[NewPair(p.A, p.B)] = true
		a, okA := g.at[p.A]
		b, okB := g.at[p.B]
		if okA && okB {
			g.keepApart(g.find(a), g.find(b))
		}
	}
	return g
}

// seat is who an account is at its source: the member for identities.
func seat(n Node) int64 {
	if n.Customer {
		return n.ID
	}
	return n.Member
}

func (g *groups) keepApart(a, b int) {
	for _, pair := range [][2]int{{a, b}, {b, a}} {
		if g.apart[pair[0]] == nil {
			g.apart[pair[0]] = map[int]bool{}
		}
		g.apart[pair[0]][pair[1]] = true
	}
}

func (g *groups) known(r Ref) bool { _, ok := g.at[r]; return ok }

func (g *groups) find(i int) int {
	for g.parent[i] != i {
		g.parent[i] = g.parent[g.parent[i]]
		i = g.parent[i]
	}
	return i
}

func (g *groups) together(p Pair) bool {
	a, okA := g.at[p.A]
	b, okB := g.at[p.B]
	return okA && okB && g.find(a) == g.find(b)
}

func (g *groups) forbidden(p Pair) bool { return g.never[p] }

// people counts the persons behind keys: those of one source apart.
func (g *groups) people(keys []Key) int {
	seen := map[int]bool{}
	for _, k := range keys {
		if i, ok := g.at[k.Ref]; ok {
			seen[g.find(i)] = true
		}
	}
	return len(seen)
}

// allowed says whether two accounts may be one person's.
func (g *groups) allowed(p Pair) bool { return g.may(p, false) }

// may says whether two persons can be one. What somebody said outweighs that a
// source has two accounts of them.
func (g *groups) may(p Pair, said bool) bool {
	i, okA := g.at[p.A]
	j, okB := g.at[p.B]
	if !okA || !okB || g.forbidden(p) {
		return false
	}
	a, b := g.find(i), g.find(j)
	if a == b {
		return true
	}
	if g.bots[a] || g.bots[b] || g.apart[a][b] || g.objects[a] && g.buys[b] || g.buys[a] && g.objects[b] {
		return false
	}
	if said {
		return true
	}
	for source, who := range g.seats[a] {
		if other, ok := g.seats[b][source]; ok && other != who {
			return false
		}
	}
	return true
}

// join makes one person of two, where they may be one.
func (g *groups) join(p Pair, said bool) bool {
	if !g.may(p, said) {
		return false
	}
	g.merge(g.find(g.at[p.A]), g.find(g.at[p.B]))
	return true
}

func (g *groups) merge(a, b int) {
	if a == b {
		return
	}
	if g.size[a] < g.size[b] {
		a, b = b, a
	}
	g.parent[b] = a
	g.size[a] += g.size[b]
	for source, who := range g.seats[b] {
		if _, ok := g.seats[a][source]; !ok {
			g.seats[a][source] = who
		}
	}
	delete(g.seats, b)
	for _, flag := range []map[int]bool{g.bots, g.objects, g.buys} {
		if flag[b] {
			flag[a] = true
		}
	}
	for other := range g.apart[b] {
		delete(g.apart[other], b)
		g.keepApart(a, other)
	}
	delete(g.apart, b)
}

// persons are those with more than one account.
func (g *groups) persons() [][]Ref {
	by := map[int][]Ref{}
	for i, n := range g.nodes {
		if root := g.find(i); g.size[root] > 1 {
			by[root] = append(by[root], n.Ref)
		}
	}
	out := make([][]Ref, 0, len(by))
	for _, refs := range by {
		slices.SortFunc(refs, Ref.compare)
		out = append(out, refs)
	}
	slices.SortFunc(out, func(a, b []Ref) int { return a[0].compare(b[0]) })
	return out
}

// Components are the accounts that hang together by pairs, each in order, ordered
// by their first.
func Components(pairs []Pair) [][]Ref {
	var in Input
	seen := map[Ref]bool{}
	for _, p := range pairs {
		for _, r := range []Ref{p.A, p.B} {
			if !seen[r] {
				seen[r] = true
				in.Nodes = append(in.Nodes, Node{Ref: r, Member: r.ID, Guest: true})
			}
		}
	}
	g := newGroups(in)
	for _, p := range pairs {
		g.join(p, true)
	}
	return g.persons()
}
