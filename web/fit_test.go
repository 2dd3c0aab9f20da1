package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/kpi"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// narrow is campfire as a platform that stops suiting.
type narrow struct{ campfire }

func (narrow) Fit() community.Fit {
	return community.Fit{Crowd: 30, OneChannel: 0.9, History: map[string]int{"free": 90}}
}

// crowded is a community of one group: so many people, who wrote thrice each, on two days.
func (s *site) crowded(people int, settings, decisions map[string]string) community.Community {
	s.Helper()
	c := s.community("Lisière")
	src := community.Source{
		Platform: "campfire", ExternalID: "camp", Name: "Camp", Measures: community.Measures{ReplyLinks: true}, Decisions: decisions,
	}
	if _, err := s.Store.Install(s.Context(), c.Scope, store.Installation{
		Platform: src.Platform, ExternalID: src.ExternalID, Name: src.Name, Measures: src.Measures, Settings: settings,
	}); err != nil {
		s.Fatal(err)
	}
	id, err := s.Store.Connect(s.Context(), c.Scope, src)
	if err != nil {
		s.Fatal(err)
	}
	b := community.Batch{Channels: []community.Channel{{ExternalID: "g", Name: "La troupe", Kind: community.GroupChannel}}}
	begun := s.Now().Add(-48 * time.Hour).Truncate(time.Hour)
	for i := range 3 * people {
		who := fmt.Sprint("p", i%people)
		b.Activities = append(b.Activities, community.Activity{
			Kind: community.Message, ExternalID: fmt.Sprint("campfire/m/", i), At: begun.Add(time.Duration(i%people%2) * 24 * time.Hour).Add(time.Duration(i) * time.Second),
			Actor: who, Channel: "g", Amount: 1,
		})
	}
	if _, err := s.Store.NewIntake(c, id, src).Store(s.Context(), b, nil); err != nil {
		s.Fatal(err)
	}
	if err := s.ingest.RollUpNow(s.Context(), c.Scope); err != nil {
		s.Fatal(err)
	}
	return c
}

// TestFit: the overview, the source and the API say with evidence that a platform
// no longer suits, and why it cannot be told.
func TestFit(t *testing.T) {
	s := newSite(t)
	s.Connectors = []connectors.Connector{narrow{}}
	s.handle(s.Handler())
	oldest := s.Now().AddDate(0, 0, -80)
	c := s.crowded(34, map[string]string{connectors.SettingPlan: "free"}, map[string]string{connectors.DecisionOldest: oldest.Format(time.RFC3339)})
	said := []string{
		"34 personnes actives dans « La troupe »", "100 % des messages sont dans « La troupe »", "dans 10 jours. Les chiffres de Foyer restent.",
	}
	overview := s.page(s.get(communityPath(c.Scope, "")), http.StatusOK)
	s.has(overview, append(said, "La plateforme convient-elle encore ?")...)
	s.has(s.page(s.get(communityPath(c.Scope, "/connections")), http.StatusOK), said...)
	got := decoded[listed[fitAPI]](t, s.with(s.key(fullScopes()), "GET", apiPath(c, "/platform-fit")), http.StatusOK)
	if len(got.Data) != 3 || got.Data[0].Key != kpi.FitCrowd || *got.Data[0].Number != 34 || *got.Data[0].Channel != "La troupe" || got.Data[0].AtLeast ||
		*got.Data[1].Number != 80 || got.Data[1].Limit != 90 || *got.Data[1].On != oldest.In(c.Location).Format(time.DateOnly) || *got.Data[2].Number != 1 {
		t.Errorf("%+v", got.Data)
	}
	_, router := contract(t)
	s.held(router, s.key(fullScopes()), apiPath(c, "/platform-fit"), http.StatusOK)
}

func TestFitCannotBeTold(t *testing.T) {
	s := newSite(t)
	s.Connectors = []connectors.Connector{narrow{}}
	s.handle(s.Handler())
	c := s.crowded(5, nil, nil)
	s.has(s.page(s.get(communityPath(c.Scope, "")), http.StatusOK), "Moins de 100 messages", "ne dit pas quelle formule")
	if page := s.page(s.get(communityPath(c.Scope, "/connections")), http.StatusOK); strings.Contains(page, "Moins de 100 messages") {
		t.Error("the source says what cannot be told")
	}
	got := decoded[listed[fitAPI]](t, s.with(s.key(fullScopes()), "GET", apiPath(c, "/platform-fit")), http.StatusOK)
	if len(got.Data) != 2 || got.Data[0].Number != nil || *got.Data[0].Reason != kpi.FitNoPlan || *got.Data[1].Reason != kpi.FitFew {
		t.Errorf("%+v", got.Data)
	}
}

// TestFitTexts: every observation and reason has its words.
func TestFitTexts(t *testing.T) {
	t.Parallel()
	var s Server
	for _, l := range i18n.Locales() {
		for _, key := range kpi.Fits() {
			for _, o := range []kpi.Observation{
				{Key: key, Number: 31, Limit: 30, Channel: "c", On: "2026-01-02"}, {Key: key, Number: 29, Limit: 30, Channel: "c", On: "2026-01-02", AtLeast: key == kpi.FitCrowd},
			} {
				if text := s.fitText(l, o); strings.Contains(text, "{") || strings.HasPrefix(text, "fit.") {
					t.Errorf("%v: %s is said as %q", l, key, text)
				}
			}
		}
		for _, reason := range kpi.FitReasons() {
			if text := s.fitText(l, kpi.Observation{Key: kpi.FitCrowd, Limit: 30, Reason: reason}); strings.Contains(text, "{") || strings.HasPrefix(text, "fit.") {
				t.Errorf("%v: %s is said as %q", l, reason, text)
			}
		}
	}
}
