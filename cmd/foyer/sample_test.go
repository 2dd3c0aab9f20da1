package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/dbtest"
	"github.com/foyer-app/foyer/internal/store"
)

// sampleEnd is a Tuesday evening, so that its last whole week ends on the Sunday before.
var sampleEnd = time.Date(2025, 11, 25, 18, 0, 0, 0, time.UTC)

// writeSamples writes the export file of every platform that has one and
// returns their paths by platform.
func writeSamples(t testing.TB, s sample.Story) map[string]string {
	t.Helper()
	dir, paths := t.TempDir(), map[string]string{}
	for _, c := range all.List() {
		sampler, ok := c.(connectors.Sampler)
		if !ok {
			continue
		}
		name, write := sampler.Sample(s)
		path := filepath.Join(dir, name)
		file, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := write(file); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		paths[string(c.Platform())] = path
	}
	return paths
}

// figure is one KPI as `foyer kpis --json` prints it.
type figure struct {
	Value, Previous, Numerator, Denominator *float64
	Reason                                  *string
}

// figures returns the KPIs of a community over some days.
func figures(t testing.TB, url, name, from, to string) map[string]figure {
	t.Helper()
	out, errOut, err := foyer(t, url, "kpis", "--community", name, "--from", from, "--to", to, "--json")
	if err != nil {
		t.Fatalf("kpis: %v\n%s", err, errOut)
	}
	var got struct{ KPIs map[string]figure }
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	return got.KPIs
}

// setTeam says who is team, as the page Team does.
func setTeam(t testing.TB, url, name string, rules store.TeamRules) {
	t.Helper()
	s := testStore(t, url)
	org, err := s.LocalOrganisation(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CommunityNamed(t.Context(), org, name)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetTeamRules(t.Context(), c.Scope, rules); err != nil {
		t.Fatal(err)
	}
}

// bound is what a figure of the sample lies between.
type bound struct{ from, to float64 }

func checkFigures(t *testing.T, got map[string]figure, want map[string]bound) {
	t.Helper()
	for key, b := range want {
		switch v := got[key]; {
		case v.Value == nil && v.Reason != nil:
			t.Errorf("%s is not there: %s", key, *v.Reason)
		case v.Value == nil:
			t.Errorf("%s is not there", key)
		case *v.Value < b.from || *v.Value > b.to:
			t.Errorf("%s is %v, want %v to %v", key, *v.Value, b.from, b.to)
		}
	}
}

// The three samples in one community, through the command line: the figures are
// those of a community that lives, and better at the end than at the beginning.
func TestSampleFigures(t *testing.T) {
	t.Parallel()
	s := sample.Generate(1, sampleEnd)
	url, paths := dbtest.URL(t), writeSamples(t, s)
	for platform, path := range paths {
		r := report(t, url, "--community", s.Name, "--time-zone", "Europe/Paris", path)
		if string(r.Source) != platform || len(r.Refused) > 0 || r.Messages == 0 {
			t.Errorf("%s: %+v", platform, r)
		}
	}
	setTeam(t, url, s.Name, store.TeamRules{Domains: []string{s.TeamDomain}, Roles: []string{strings.ToLower(s.TeamRole)}})

	late := figures(t, url, s.Name, "2025-09-01", "2025-11-24")
	checkFigures(t, late, map[string]bound{
		"engagement_rate": {.25, .45}, "new_members": {120, 320}, "contributions": {3000, 7000}, "messages_per_active": {5, 20},
		"horizontal_share": {.6, .9}, "people_talking": {200, 450}, "stickiness": {.1, .35}, "first_reply": {900, 3 * 3600},
		"unanswered": {10, 90}, "peer_answers": {.5, .85}, "concentration": {15, 80}, "rhythm": {5, 100},
	})
	checkFigures(t, figures(t, url, s.Name, "2025-10-27", "2025-11-24"), map[string]bound{"engagement_rate": {.2, .35}})
	early := figures(t, url, s.Name, "2024-12-02", "2025-02-24")
	checkFigures(t, early, map[string]bound{"horizontal_share": {.1, .45}, "peer_answers": {.02, .3}})
	if now, then := late["people_talking"], early["people_talking"]; now.Value == nil || then.Value == nil || *now.Value < 2**then.Value {
		t.Errorf("people talking: from %+v to %+v", then, now)
	}
	// One source tells no joins, two no departures: what needs them of all says so.
	for key, reason := range map[string]string{
		"retention_factor": "joins_not_measured", "leavers": "leaves_not_measured",
		"activation": "joins_not_measured", "cohort_retention": "joins_not_measured",
	} {
		if v := late[key]; v.Value != nil || v.Reason == nil || *v.Reason != reason {
			t.Errorf("%s: %+v, want the reason %s", key, v, reason)
		}
	}
}

// What the three together cannot tell, those platforms do that can.
func TestSampleFiguresOfOnePlatform(t *testing.T) {
	t.Parallel()
	s := sample.Generate(1, sampleEnd)
	url, paths := dbtest.URL(t), writeSamples(t, s)
	for platform, want := range map[string]map[string]bound{
		"whatsapp": {"retention_factor": {1.2, 12}, "leavers": {2, 15}, "activation": {.1, .9}, "new_members": {10, 60}, "engagement_rate": {.2, 1}},
		"discord":  {"activation": {.2, .6}, "cohort_retention": {.05, .9}, "new_members": {250, 600}},
	} {
		report(t, url, "--community", platform, "--time-zone", "Europe/Paris", paths[platform])
		checkFigures(t, figures(t, url, platform, "2025-04-28", "2025-11-24"), want)
	}
}
