package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/exportfs"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/web/i18n"
)

func TestImportPage(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	path := communityPath(c.Scope, "/import")
	s.has(s.page(s.get(path), http.StatusOK), "Déposez un export, la santé se lit aussitôt.", "Campfire", `value="auto" selected`, "Ce que nous lisons")
	id := s.brought(c, fire(20), fire(25))
	s.has(s.page(s.get(path), http.StatusOK), "Un import est en cours.", "a.txt et 1 autre", "En attente")
	s.run(c, id, true)
	s.has(s.page(s.get(path), http.StatusOK), "Un import, tout est lu.", "25 activités", "Tout est lu")
	s.run(c, s.brought(c, fire(26, "x broken", "y broken")), true)
	s.has(s.page(s.get(path), http.StatusOK), "Tout est lu, sauf 2 lignes.", "2 lignes non lues")
	s.run(c, s.brought(c, "ask 03/04/2024"), false)
	s.has(s.page(s.get(path), http.StatusOK), "Le dernier import n'a pas abouti.", "Foyer ne reconnaît pas ces fichiers.")
	s.run(c, s.brought(c, fire(0, "ask 03/04/2024")), false)
	s.has(s.page(s.get(path), http.StatusOK), "Un import attend votre réponse.", "Répondre")
	s.header.Set("Accept-Language", "en")
	s.has(s.page(s.get(path), http.StatusOK), "One import waits for your answer.", "Waits for your answer")
}

func TestUploadsRefused(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	for name, tt := range map[string]struct {
		fields map[string]string
		files  []string
		status int
		want   string
	}{
		"no file":        {nil, []string{""}, 422, "Choisissez au moins un fichier."},
		"unknown source": {map[string]string{"source": "telegraph"}, []string{fire(1)}, 422, "Cette source n'existe pas."},
		"unknown zone":   {map[string]string{"zone": "Mars/Base"}, []string{fire(1)}, 422, "Ce fuseau n'existe pas."},
		"one too large":  {nil, []string{strings.Repeat("x", testLimit+1)}, 413, "Ces fichiers dépassent 1,0 Mo."},
		"sum too large":  {nil, []string{strings.Repeat("x", testLimit-5), fire(10)}, 413, "Ces fichiers dépassent 1,0 Mo."},
	} {
		t.Run(name, func(t *testing.T) {
			s := *s
			s.TB = t
			s.has(s.page(s.upload(communityPath(c.Scope, "/import"), tt.fields, tt.files...), tt.status), tt.want)
		})
	}
	r := s.request("POST", communityPath(c.Scope, "/import"), strings.NewReader(multipartForm(nil, fire(100))[:300]))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
	s.has(s.page(s.do(r), http.StatusBadRequest), "L'envoi s'est interrompu.")
	r = s.request("POST", communityPath(c.Scope, "/import"), strings.NewReader(multipartForm(map[string]string{"zone": strings.Repeat("z", 3*fieldBytes)}, fire(1))))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
	s.has(s.page(s.do(r), http.StatusUnprocessableEntity), "Ce fuseau n'existe pas.")
	if list, err := s.Store.Imports(t.Context(), c.Scope); err != nil || len(list) > 0 {
		t.Errorf("a refused upload left an import: %v, %v", list, err)
	}
}

func TestUploadTakesWhatTheVisitorSaid(t *testing.T) {
	s := newSite(t)
	c := s.community("Lisière")
	a := s.upload(communityPath(c.Scope, "/import"), map[string]string{"source": "campfire", "zone": "Asia/Tokyo"}, fire(1), "", fire(2))
	if a.status != http.StatusSeeOther {
		t.Fatalf("answers %d", a.status)
	}
	list, err := s.Store.Imports(t.Context(), c.Scope)
	if err != nil || len(list) != 1 || list[0].Source != "campfire" || list[0].TimeZone != "Asia/Tokyo" || len(list[0].Names) != 2 {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestEveryReasonHasWords: whatever a line, a file or an import is refused for,
// both languages say it, and the remedy.
func TestEveryReasonHasWords(t *testing.T) {
	lines := []string{
		connectors.ReasonNotJSON, connectors.ReasonTruncated, connectors.ReasonTooLarge, connectors.ReasonNoTime, connectors.ReasonBadTime,
		connectors.ReasonNoID, connectors.ReasonEncoding, connectors.ReasonUnreadable, connectors.ReasonPath, connectors.ReasonForeign,
		connectors.ReasonEmpty,
	}
	files := []string{
		exportfs.ReasonNotFound, exportfs.ReasonUnreadable, exportfs.ReasonNotFile, exportfs.ReasonEmpty, exportfs.ReasonTruncated,
		exportfs.ReasonNotArchive, exportfs.ReasonDamaged, exportfs.ReasonTooLarge, exportfs.ReasonBomb, exportfs.ReasonEncrypted,
		exportfs.ReasonCompression, exportfs.ReasonNested, exportfs.ReasonPath, exportfs.ReasonLink, exportfs.ReasonDuplicate,
	}
	whole := []string{
		ingest.ReasonNotRecognised, ingest.ReasonWrongPlatform, ingest.ReasonTimeZone, ingest.ReasonDiskFull, ingest.ReasonGone, ingest.ReasonInternal,
	}
	for _, l := range i18n.Locales() {
		for _, reason := range append(lines, files...) {
			if !l.Has("refusal." + reason) {
				t.Errorf("%v: no words for the refusal %s", l, reason)
			}
		}
		for _, reason := range append(append(whole, lines...), files...) {
			if !l.Has("import.error."+reason) || !l.Has("import.error."+reason+".fix") {
				t.Errorf("%v: no words for the failure %s", l, reason)
			}
		}
		if v := viewFailure(l, store.Import{Reason: "unheard of"}); v.lead != l.T("import.error.internal") {
			t.Errorf("%v: an unknown reason says %q", l, v.lead)
		}
	}
}
