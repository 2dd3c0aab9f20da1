package slack

import (
	"fmt"
	"testing"

	"github.com/foyer-app/foyer/connectors"
)

// TestReactionGivenAgain: given, taken back and given again counts once, in
// whatever order the deliveries come, with each twice, and beside a history that
// lists it or does not.
func TestReactionGivenAgain(t *testing.T) {
	t.Parallel()
	event := func(kind, at string) string {
		return fmt.Sprintf(`{"type":"reaction_%s","user":"U2","reaction":"tada","item":{"type":"message","channel":"C1","ts":"1700000000.000100"},"event_ts":%q}`, kind, at)
	}
	added, removed, again := event("added", "1700000003.000100"), event("removed", "1700000003.000101"), event("added", "1700000004.000000")
	history := connectors.Payload{Kind: liveMessage, Scope: "C1", Body: []byte(
		`{"type":"message","user":"U1","ts":"1700000000.000100","reactions":[{"name":"tada","users":["U2"],"count":1}]}`)}
	for _, test := range []struct {
		name   string
		events []string
		want   int
	}{
		{"given", []string{added}, 1},
		{"taken back", []string{added, removed}, 0},
		{"given again", []string{added, removed, again}, 1},
		{"the end first", []string{again, removed, added}, 1},
		{"given last", []string{removed, again, added}, 1},
		{"taken back last", []string{added, again, removed}, 1},
		{"the beginning missed", []string{again, removed}, 1},
		{"the end missed, out of order", []string{removed, added}, 0},
	} {
		for _, with := range []string{"", "history first", "history last"} {
			y := newBooks(t)
			if with == "history first" {
				y.apply(history)
			}
			for range 2 {
				for _, e := range test.events {
					for _, p := range receive(t, outer(e), never).Parcels {
						y.apply(p.Payload)
					}
				}
			}
			if with == "history last" {
				y.apply(history)
			}
			if got := y.truth().Reactions; got != test.want {
				t.Errorf("%s %s: %d reactions, want %d", test.name, with, got, test.want)
			}
		}
	}
}
