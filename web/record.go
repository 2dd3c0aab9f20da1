package web

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// recordView is the record of processing: a page, and a document to keep.
type recordView struct {
	Page     ui.Page
	Head     ui.Head
	Date     string
	Links    []ui.Link
	Sections []recordSection
}

type recordSection struct {
	Title string
	Lines []string
}

// viewRecord writes the record from what is configured and connected now.
func (s *Server) viewRecord(r *http.Request) (recordView, error) {
	l, o := s.locale(r), actor(r).Seat.Organisation
	kept, err := s.Store.Retention(r.Context(), o.ID)
	if err != nil {
		return recordView{}, fmt.Errorf("web: record: %w", err)
	}
	names, platforms, questions, err := s.processed(r, l)
	if err != nil {
		return recordView{}, fmt.Errorf("web: record: %w", err)
	}
	v := recordView{
		Page: s.bare(r, l.T("record")), Date: l.T("record.date", "date", l.LongDate(s.Now())),
		Head: ui.Head{Eyebrow: l.T("privacy"), Title: l.T("record.title", "name", o.Name), Lede: words(l.T("record.lede"))},
		Links: []ui.Link{
			{Label: l.T("record.html"), URL: privacyPath + "/record.html"},
			{Label: l.T("record.markdown"), URL: privacyPath + "/record.md"},
			{Label: l.T("record.back"), URL: privacyPath},
		},
	}
	none := l.T("record.none")
	mailTo := l.T("record.recipients.no_mail")
	if s.MailHost != "" {
		mailTo = l.T("record.recipients.mail", "host", s.MailHost)
	}
	v.Sections = []recordSection{
		{l.T("record.controller"), []string{o.Name, l.T("record.controller.todo")}},
		{l.T("record.purposes"), []string{l.T("record.purposes.measure"), l.T("record.purposes.run")}},
		{l.T("record.subjects"), []string{l.T("record.subjects.members", "communities", orText(l.List(names), none)), l.T("record.subjects.colleagues")}},
		{l.T("record.categories"), []string{
			l.T("record.categories.identity"), l.T("record.categories.activity"), questions, l.T("record.categories.never"), l.T("record.categories.account"),
		}},
		{l.T("record.sources"), []string{orText(l.List(platforms), none)}},
		{l.T("record.recipients"), []string{l.T("record.recipients.staff"), mailTo, l.T("record.recipients.host"), l.T("record.recipients.nobody")}},
		{l.T("record.transfers"), []string{l.T("record.transfers.text")}},
		{l.T("record.retention"), retentionWords(l, kept)},
		{l.T("record.measures"), s.measures(l)},
		{l.T("record.rights"), []string{l.T("record.rights.export"), l.T("record.rights.erase"), l.T("record.rights.erased")}},
	}
	return v, nil
}

// processed names the communities, what they are connected to, and says what
// becomes of questions' texts.
func (s *Server) processed(r *http.Request, l i18n.Locale) (names, platforms []string, questions string, err error) {
	communities, err := s.Store.Communities(r.Context(), actor(r).Organisation())
	if err != nil {
		return nil, nil, "", err
	}
	var keep []string
	for _, c := range communities {
		names = append(names, c.Name)
		if c.KeepQuestions {
			keep = append(keep, c.Name)
		}
		connections, err := s.Store.Connections(r.Context(), c.Scope)
		if err != nil {
			return nil, nil, "", err
		}
		for _, conn := range connections {
			how := "record.sources.file"
			if conn.Live() {
				how = "record.sources.live"
			}
			if line := l.T(how, "platform", s.sourceName(l, conn.Platform)); !slices.Contains(platforms, line) {
				platforms = append(platforms, line)
			}
		}
	}
	questions = l.T("record.categories.no_questions")
	if len(keep) > 0 {
		questions = l.T("record.categories.questions", "communities", l.List(keep))
	}
	return names, platforms, questions, nil
}

func retentionWords(l i18n.Locale, r store.Retention) (lines []string) {
	for _, k := range keptLines(l, r) {
		lines = append(lines, l.T("record.line", "what", k.what, "value", k.long))
	}
	return lines
}

// measures are the ones in force here.
func (s *Server) measures(l i18n.Locale) []string {
	list := []string{
		l.T("record.measures.isolation"), l.T("record.measures.encryption"), l.T("record.measures.passwords"), l.T("record.measures.roles"),
		l.T("record.measures.audit"), l.T("record.measures.minimal"),
	}
	if s.URL != nil && s.URL.Scheme == "https" {
		return append(list, l.T("record.measures.tls"))
	}
	return append(list, l.T("record.measures.local"))
}

func (s *Server) record(w http.ResponseWriter, r *http.Request) error {
	v, err := s.viewRecord(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, recordPage(v))
}

// recordHTML is the record as a document by itself.
func (s *Server) recordHTML(w http.ResponseWriter, r *http.Request) error {
	v, err := s.viewRecord(r)
	if err != nil {
		return err
	}
	attach(w, "text/html; charset=utf-8", "record-of-processing.html")
	return s.render(w, r, http.StatusOK, recordDocument(v))
}

// recordMarkdown is the record as text.
func (s *Server) recordMarkdown(w http.ResponseWriter, r *http.Request) error {
	v, err := s.viewRecord(r)
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n%s\n", markdown(v.Head.Title), markdown(v.Date))
	for _, section := range v.Sections {
		fmt.Fprintf(&b, "\n## %s\n\n", markdown(section.Title))
		for _, line := range section.Lines {
			fmt.Fprintf(&b, "- %s\n", markdown(line))
		}
	}
	attach(w, "text/markdown; charset=utf-8", "record-of-processing.md")
	_, err = w.Write([]byte(b.String()))
	return err
}

// markdown keeps a name from being read as markup.
func markdown(text string) string {
	return strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "<", `&lt;`, "#", `\#`, "\n", " ", "\r", " ").Replace(text)
}

func attach(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "no-store")
}
