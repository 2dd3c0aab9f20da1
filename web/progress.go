package web

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// progressView is the page of one import.
type progressView struct {
	Page   ui.Page
	Status statusView
	Events string // empty when nothing will change by itself
	Reload string
}

// statusView is the part of the page that follows the import.
type statusView struct {
	Head     ui.Head
	Percent  string
	Left     string
	Bar      *ui.Progress
	Spoken   string // for readers: changes every tenth, not twice a second
	Steps    []ui.Step
	Banners  []ui.Banner
	Question *questionView
	Facts    []factView
	Known    string // the title above Notes
	Notes    []string
	Actions  []actionView
}

type factView struct{ Label, Value string }

type actionView struct {
	Link   ui.Link
	Weight ui.Weight
}

// questionView is what the files cannot decide.
type questionView struct {
	Action  string
	Key     string
	Intro   string
	Choices ui.Choices
	Send    string
	Cancel  ui.Link
}

// importProgress shows one import, whatever its state.
func (s *Server) importProgress(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	return s.progressPage(w, r, http.StatusOK, c, i, "")
}

func (s *Server) progressPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, i store.Import, problem string) error {
	settled, err := s.settled(r.Context(), c)
	if err != nil {
		return err
	}
	l := s.locale(r)
	v := progressView{Page: s.frame(r, c, pageImport, l.T("import.one")), Status: s.viewStatus(l, c, i, settled), Reload: l.T("import.reload")}
	if q := v.Status.Question; q != nil {
		q.Choices.Error = problem
	}
	if moving(i, settled) {
		v.Page.Live, v.Events = true, importPath(i, "/events")
	}
	return s.render(w, r, status, progressPage(v))
}

// toImport leads from an address that only takes forms to the page they stand on.
func (s *Server) toImport(w http.ResponseWriter, r *http.Request) error {
	_, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	http.Redirect(w, r, importPath(i, ""), http.StatusSeeOther)
	return nil
}

// answerImport records what the visitor decided.
func (s *Server) answerImport(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	if i.State == store.ImportAsking && i.Question != nil && r.PostForm.Get("key") == i.Question.Key {
		answer := r.PostForm.Get("answer")
		if !slices.Contains(i.Question.Options, answer) {
			return s.progressPage(w, r, http.StatusUnprocessableEntity, c, i, s.locale(r).T("import.question.missing"))
		}
		if err := s.Imports.Answer(r.Context(), i, i.Question.Key, answer); err != nil {
			return fmt.Errorf("web: answer: %w", err)
		}
	}
	// Answered already, in another window: the page says how things stand.
	http.Redirect(w, r, importPath(i, ""), http.StatusSeeOther)
	return nil
}

// cancelView asks whether the import should end.
type cancelView struct {
	Page   ui.Page
	Head   ui.Head
	Action string
	Yes    string
	No     ui.Link
}

// askCancel asks before an import is ended.
func (s *Server) askCancel(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	if i.Ended() {
		return s.toImport(w, r)
	}
	l := s.locale(r)
	return s.render(w, r, http.StatusOK, cancelPage(cancelView{
		Page:   s.frame(r, c, pageImport, l.T("import.cancel")),
		Head:   ui.Head{Eyebrow: fileNames(l, i.Names), Title: l.T("import.cancel.title"), Lede: words(l.T("import.cancel.text"))},
		Action: importPath(i, "/cancel"), Yes: l.T("import.cancel.yes"), No: ui.Link{Label: l.T("import.cancel.no"), URL: importPath(i, "")},
	}))
}

// cancelImport ends an import; what went in stays.
func (s *Server) cancelImport(w http.ResponseWriter, r *http.Request) error {
	_, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	if !i.Ended() {
		if err := s.Imports.Cancel(r.Context(), i); err != nil {
			return fmt.Errorf("web: cancel: %w", err)
		}
	}
	http.Redirect(w, r, importPath(i, ""), http.StatusSeeOther)
	return nil
}

// moving says that the page will change by itself.
func moving(i store.Import, settled bool) bool {
	switch i.State {
	case store.ImportWaiting, store.ImportRunning:
		return true
	case store.ImportDone, store.ImportCancelled, store.ImportFailed:
		return i.Activities > 0 && !settled
	}
	return false
}

// viewStatus says how an import stands.
func (s *Server) viewStatus(l i18n.Locale, c community.Community, i store.Import, settled bool) statusView {
	v := statusView{Head: ui.Head{Eyebrow: l.T("import.eyebrow", "source", s.sourceName(l, i.Source), "files", fileNames(l, i.Names))}}
	switch i.State {
	case store.ImportWaiting:
		v.say(l, "waiting")
		v.Bar = &ui.Progress{Label: l.T("import.bar"), Live: true}
		v.Spoken = l.T("import.waiting")
		v.act(cancelLink(l, i), ui.Plain)
	case store.ImportRunning:
		s.viewRunning(l, i, &v)
	case store.ImportAsking:
		v.say(l, "asking")
		if asksMapping(i) {
			v.say(l, "mapping")
			v.act(ui.Link{Label: l.T("import.mapping.do", "table", i.Question.File), URL: importPath(i, "/mapping")}, ui.Primary)
			v.act(cancelLink(l, i), ui.Quiet)
			break
		}
		v.Question = viewQuestion(l, i)
	case store.ImportDone:
		viewDone(l, c, i, settled, &v)
	case store.ImportFailed:
		v.say(l, "failed")
		why := viewFailure(l, i)
		v.Banners = append(v.Banners, ui.Banner{Tone: ui.Bad, Lead: why.lead, Text: why.fix})
		v.Facts = viewFacts(l, i)
		v.act(ui.Link{Label: l.T("import.again"), URL: communityPath(c.Scope, "/import")}, ui.Primary)
	case store.ImportCancelled:
		v.say(l, "cancelled")
		v.Facts = viewFacts(l, i)
		v.act(ui.Link{Label: l.T("import.again"), URL: communityPath(c.Scope, "/import")}, ui.Primary)
	}
	viewUndo(l, c, i, &v)
	return v
}

// viewUndo offers to take away what the import brought, or says that it is away.
func viewUndo(l i18n.Locale, c community.Community, i store.Import, v *statusView) {
	switch {
	case undoable(i):
		v.act(ui.Link{Label: l.T("import.undo"), URL: importPath(i, "/undo")}, ui.Quiet)
	case !i.Undone.IsZero():
		v.say(l, "undone")
		v.Banners = append(v.Banners, ui.Banner{Tone: ui.Watch, Text: l.T("import.undone.at", "date", l.LongDate(i.Undone.In(c.Location)))})
	}
}

func (v *statusView) say(l i18n.Locale, state string) {
	v.Head.Title, v.Head.Lede = l.T("import."+state), words(l.T("import."+state+".text"))
}

func (v *statusView) act(link ui.Link, w ui.Weight) {
	v.Actions = append(v.Actions, actionView{Link: link, Weight: w})
}

func cancelLink(l i18n.Locale, i store.Import) ui.Link {
	return ui.Link{Label: l.T("import.cancel"), URL: importPath(i, "/cancel")}
}

func (s *Server) viewRunning(l i18n.Locale, i store.Import, v *statusView) {
	v.say(l, "running")
	v.Bar = &ui.Progress{Label: l.T("import.bar"), Done: i.BytesRead, Max: i.BytesTotal, Live: true}
	v.Left = l.T("import.left.unknown")
	if i.BytesTotal > 0 {
		part := float64(i.BytesRead) / float64(i.BytesTotal)
		v.Percent = l.Percent(min(part, 1), 0)
		v.Spoken = l.T("import.spoken", "percent", l.Percent(float64(int(min(part, 1)*10))/10, 0))
	}
	if left, ok := timeLeft(i, s.Now()); ok {
		v.Left = l.T("import.left", "duration", l.Duration(left))
	}
	v.Steps = []ui.Step{
		{Label: l.T("import.step.received"), Done: true}, {Label: l.T("import.step.reading"), Now: true}, {Label: l.T("import.step.figures")},
	}
	v.Facts = viewFacts(l, i)
	v.act(cancelLink(l, i), ui.Plain)
}

// timeLeft supposes that the rest goes as fast as what is done; unknown in the
// first seconds.
func timeLeft(i store.Import, now time.Time) (time.Duration, bool) {
	gone := now.Sub(i.Started)
	if i.Started.IsZero() || gone < 3*time.Second || i.BytesRead <= 0 || i.BytesTotal <= i.BytesRead {
		return 0, false
	}
	left := float64(gone) * (float64(i.BytesTotal)/float64(i.BytesRead) - 1)
	if left > float64(7*24*time.Hour) {
		return 0, false
	}
	return time.Duration(left), true
}

func viewDone(l i18n.Locale, c community.Community, i store.Import, settled bool, v *statusView) {
	v.say(l, "done")
	v.Head.Title = l.N("import.done", int(i.Activities))
	switch {
	case i.Activities == 0 && i.Records > 0:
		v.say(l, "records")
		v.Head.Title = l.N("import.records", int(i.Records))
	case i.Activities == 0:
		v.say(l, "nothing")
		if i.Duplicates > 0 {
			v.say(l, "known")
		}
	}
	v.Facts = viewFacts(l, i)
	v.Known, v.Notes = l.T("import.decisions"), viewDecisions(l, i)
	if !settled && i.Activities > 0 {
		v.Head.Lede = words(l.T("import.figures.text"))
		v.Bar, v.Spoken = &ui.Progress{Label: l.T("import.figures"), Live: true}, l.T("import.figures")
		v.Steps = []ui.Step{
			{Label: l.T("import.step.received"), Done: true}, {Label: l.T("import.step.read"), Done: true}, {Label: l.T("import.step.figures"), Now: true},
		}
	}
	if i.Refusals > 0 {
		v.Banners = append(v.Banners, ui.Banner{
			Tone: ui.Watch, Text: l.N("import.refused", int(i.Refusals)), Action: &ui.Link{Label: l.T("import.refused.see"), URL: importPath(i, "/refusals")},
		})
	}
	v.act(ui.Link{Label: l.T("import.see"), URL: communityPath(c.Scope, "")}, ui.Primary)
	v.act(ui.Link{Label: l.T("import.more"), URL: communityPath(c.Scope, "/import")}, ui.Plain)
}

// viewFacts are the totals; none where nothing was read.
func viewFacts(l i18n.Locale, i store.Import) []factView {
	if i.Payloads+i.Refusals == 0 {
		return nil
	}
	added := factView{l.T("import.fact.activities"), l.Int(i.Activities)}
	if i.Activities == 0 && i.Records > 0 {
		added = factView{l.T("import.fact.records"), l.Int(i.Records)}
	}
	return []factView{
		{l.T("import.fact.files"), l.Int(int64(max(i.Files, len(i.Names))))},
		{l.T("import.fact.payloads"), l.Int(i.Payloads)},
		added,
		{l.T("import.fact.duplicates"), l.Int(i.Duplicates)},
		{l.T("import.fact.refusals"), l.Int(i.Refusals)},
	}
}

// viewDecisions are what was decided by evidence, in words; a decision without
// words is for the log only.
func viewDecisions(l i18n.Locale, i store.Import) []string {
	notes := []string{l.T("import.decision.zone", "zone", i.TimeZone)}
	for _, key := range []string{"sheet_separator", "sheet_encoding", "sheet_decimal", "date_order", "date_order_why", "sheet_tax", "direct_messages", "folders_without_channel"} {
		value, ok := i.Decisions[key]
		if !ok {
			continue
		}
		if n, err := strconv.Atoi(value); err == nil && l.Has("import.decision."+key) {
			notes = append(notes, l.N("import.decision."+key, n))
		} else if said := "import.decision." + key + "." + strings.ReplaceAll(value, "-", "_"); l.Has(said) {
			notes = append(notes, l.T(said))
		}
	}
	return notes
}

type failureView struct{ lead, fix string }

// viewFailure says why an import failed, what is safe and what to do.
func viewFailure(l i18n.Locale, i store.Import) failureView {
	key := "import.error." + i.Reason
	if !l.Has(key) {
		key = "import.error.internal"
	}
	v := failureView{lead: l.T(key), fix: l.T("import.safe.none") + " " + l.T(key+".fix")}
	if i.Activities > 0 {
		v.fix = l.N("import.safe", int(i.Activities)) + " " + l.T(key+".fix")
	}
	if named := i.ErrorFile != "" && i.ErrorFile != "."; named && (len(i.Names) > 1 || !slices.Contains(i.Names, i.ErrorFile)) && !aboutAll(i.Reason) {
		v.lead = l.T("import.error.file", "file", i.ErrorFile, "text", v.lead)
	}
	return v
}

// viewQuestion asks what the files cannot decide. A date is shown both ways in words.
func viewQuestion(l i18n.Locale, i store.Import) *questionView {
	q := i.Question
	if q == nil {
		return nil
	}
	v := &questionView{Action: importPath(i, "/answer"), Key: q.Key, Send: l.T("import.question.send"), Cancel: cancelLink(l, i)}
	v.Intro = l.T("import.question.file", "file", q.File)
	v.Choices = ui.Choices{Name: "answer", Label: l.T("import.question."+q.Key, "sample", q.Sample)}
	for _, option := range q.Options {
		label := l.T("import.question." + q.Key + "." + option)
		o := ui.Option{Value: option, Label: label}
		if date, ok := readSample(q.Sample, option); ok {
			o.Label, o.Hint = l.LongDate(date), label
		}
		v.Choices.Options = append(v.Choices.Options, o)
	}
	return v
}

// aboutAll says that the reason is not about the one file named with it.
func aboutAll(reason string) bool {
	return reason == ingest.ReasonNotRecognised || reason == ingest.ReasonWrongPlatform
}

var digits = regexp.MustCompile(`\d{1,4}`)

// readSample reads a date written with numbers in the given order.
func readSample(sample, order string) (time.Time, bool) {
	fields := digits.FindAllString(sample, 3)
	if len(fields) < 3 || len(order) != 3 {
		return time.Time{}, false
	}
	value := map[byte]int{}
	for n, f := range fields {
		value[order[n]], _ = strconv.Atoi(f) // only digits
	}
	year := value['y']
	if year < 100 {
		year += 2000
	}
	date := time.Date(year, time.Month(value['m']), value['d'], 0, 0, 0, 0, time.UTC)
	return date, int(date.Month()) == value['m'] && date.Day() == value['d']
}
