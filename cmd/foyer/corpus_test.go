package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/foyer-app/foyer/internal/dbtest"
)

// TestCorpus imports real exports through the command line and compares the
// report with counts of an independent program.
func TestCorpus(t *testing.T) {
	t.Parallel()
	corpus := os.Getenv("FOYER_CORPUS")
	if corpus == "" {
		t.Skip("FOYER_CORPUS is not set: THE REAL EXPORTS ARE NOT TESTED")
	}
	for _, test := range []struct {
		name, path                   string
		messages, reactions          int64
		members, bots, channels      int64
		first, last                  string
		joins, leaves, refusedAtMost int
	}{
		{
			name: "slack", path: "slack/haskell-jp/export.zip", messages: 24_924, members: 1387, bots: 1, channels: 24,
			first: "2017-10-02T04:24:47.000062Z", last: "2026-08-16T11:19:44.352359Z",
		},
		{
			name: "discord", path: "discord/pyscript", messages: 5_995, reactions: 1_479, members: 194, bots: 5, channels: 15,
			first: "2022-05-16T19:28:21.094Z", last: "2025-11-13T20:13:20.875Z", refusedAtMost: 1, // truth.json itself
		},
		{name: "whatsapp", path: "whatsapp/chatcarve", messages: 53, members: 30, channels: 15, joins: 7, leaves: 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := report(t, dbtest.URL(t), "--community", test.name, "--time-zone", "UTC", filepath.Join(corpus, filepath.FromSlash(test.path)))
			if r.Messages != test.messages || r.Reactions != test.reactions || r.Members != test.members || r.Bots != test.bots ||
				r.Channels != test.channels || r.Joins != int64(test.joins) || r.Leaves != int64(test.leaves) || len(r.Refused) > test.refusedAtMost {
				t.Errorf("report: %+v", r)
			}
			if test.first != "" && (r.First.Format("2006-01-02T15:04:05.999999Z") != test.first || r.Last.Format("2006-01-02T15:04:05.999999Z") != test.last) {
				t.Errorf("from %s to %s", r.First, r.Last)
			}
		})
	}
}
