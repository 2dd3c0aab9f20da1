package slack

// maxTeams bounds how many ids a tally holds.
const maxTeams = 10_000

// tally counts ids.
type tally map[string]int

// add counts an id; an organisation's, which begins with E, is not a team's.
func (t *tally) add(id string) {
	if *t == nil {
		*t = tally{}
	}
	if _, known := (*t)[id]; id != "" && (known || len(*t) < maxTeams) {
		(*t)[id]++
	}
}

// most is the id counted most often, the smallest of several; empty for none.
func (t tally) most() (id string) {
	for other, n := range t {
		if id == "" || n > t[id] || n == t[id] && other < id {
			id = other
		}
	}
	return id
}

// teams is what the users tell of their teams and enterprises.
type teams struct {
	team, enterprise tally
	of               map[string]map[string]bool // the teams of an enterprise
}

func (t *teams) add(u user) {
	if u.team != "" && u.team[0] != 'E' {
		t.team.add(u.team)
	}
	t.enterprise.add(u.enterprise)
	if u.enterprise == "" {
		return
	}
	if t.of == nil {
		t.of = map[string]map[string]bool{}
	}
	if t.of[u.enterprise] == nil {
		if len(t.of) >= maxTeams {
			return
		}
		t.of[u.enterprise] = map[string]bool{}
	}
	for _, team := range append(u.teams, u.team) {
		if len(t.of[u.enterprise]) < maxTeams {
			t.of[u.enterprise][team] = true
		}
	}
}
