package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// automatic is the source that says: recognise it yourself.
const automatic = "auto"

// importForm is what the visitor says about the files.
type importForm struct {
	Source, Zone string
	SourceError  string
	ZoneError    string
	FilesError   string
	location     *time.Location
}

func (f *importForm) parse(values url.Values) {
	f.Source, f.Zone = values.Get("source"), strings.TrimSpace(values.Get("zone"))
	if f.Source == automatic {
		f.Source = ""
	}
}

// check says whether files can be read as the form wants. c has the zone of a
// form that names none.
func (f *importForm) check(l i18n.Locale, known []connectors.Connector, c community.Community) bool {
	if f.Source != "" && connectors.Find(known, community.Platform(f.Source)) == nil {
		f.Source, f.SourceError = "", l.T("import.source.unknown")
	}
	if f.Zone == "" {
		f.Zone = c.Location.String()
	}
	if f.location = parseZone(f.Zone); f.location == nil {
		f.ZoneError = l.T("zone.unknown")
	}
	return f.SourceError == "" && f.ZoneError == ""
}

// upload takes files for a community and leads to their import.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	in, err := s.receive(w, r)
	if err != nil {
		return sendingFailed(err)
	}
	var f importForm
	f.parse(in.fields)
	ok := f.check(s.locale(r), s.Connectors, c)
	f.FilesError = s.filesProblem(s.locale(r), in)
	if !ok || f.FilesError != "" {
		in.drain(s.MaxUpload)
		return s.importPage(w, r, http.StatusUnprocessableEntity, c, f)
	}
	return s.bring(w, r, c, in, f)
}

// filesProblem is what can be said of files before they have arrived.
func (s *Server) filesProblem(l i18n.Locale, in *incoming) string {
	switch {
	case in.huge:
		return l.T("import.files.large", "size", l.Bytes(s.MaxUpload))
	case !in.hasFile():
		return l.T("import.files.missing")
	}
	return ""
}

// bring hands the files on and leads to the import. What can be mended is said
// on the form.
func (s *Server) bring(w http.ResponseWriter, r *http.Request, c community.Community, in *incoming, f importForm) error {
	id, err := s.Imports.Upload(r.Context(), c, in, UploadOptions{Source: community.Platform(f.Source), Location: f.location})
	if err == nil {
		i := store.Import{Scope: c.Scope, ID: id}
		http.Redirect(w, r, importPath(i, ""), http.StatusSeeOther)
		return nil
	}
	l, status := s.locale(r), http.StatusUnprocessableEntity
	switch {
	case errors.Is(err, ingest.ErrNoFile):
		f.FilesError = l.T("import.files.missing")
	case errors.Is(err, ingest.ErrTooLarge):
		f.FilesError, status = l.T("import.files.large", "size", l.Bytes(s.MaxUpload)), http.StatusRequestEntityTooLarge
	case errors.Is(err, ingest.ErrDiskFull):
		f.FilesError, status = l.T("import.files.disk"), http.StatusInsufficientStorage
	default:
		return sendingFailed(fmt.Errorf("web: upload: %w", err))
	}
	in.drain(s.MaxUpload)
	return s.importPage(w, r, status, c, f)
}

// sendingFailed is the problem of a sending that broke off; other errors stay.
func sendingFailed(err error) error {
	if errors.Is(err, errBroken) || errors.Is(err, ingest.ErrTooLarge) {
		return &problem{status: http.StatusBadRequest, key: "error.upload", err: err}
	}
	return err
}

// importListView is the page of all imports and of the next one.
type importListView struct {
	Page    ui.Page
	Head    ui.Head
	Form    importFormView
	Heading string
	Rows    []importRow
	Reads   readsView
}

// importFormView is the form that takes files.
type importFormView struct {
	Title, Text string
	Action      string
	Source      ui.Field
	Zone        ui.Field
	Options     string
	Open        bool // the options show what is wrong
	Drop        ui.Drop
	Terms       []string
	Send        string
}

// importRow is one import of the list.
type importRow struct {
	Icon             ui.Icon
	Name, Files      string
	URL              string
	Tone             ui.Tone
	StateIcon        ui.Icon
	State            string
	WhenLabel, When  string
	CountLabel, Seen string
	Banner           *ui.Banner
}

// readsView is what is read and what never is.
type readsView struct {
	Title string
	Read  []string
	Never []string
}

// importList shows the imports of a community and the form for the next.
func (s *Server) importList(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	return s.importPage(w, r, http.StatusOK, c, importForm{Zone: c.Location.String()})
}

func (s *Server) importPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, f importForm) error {
	list, err := s.Store.Imports(r.Context(), c.Scope)
	if err != nil {
		return fmt.Errorf("web: imports: %w", err)
	}
	l := s.locale(r)
	v := importListView{
		Page: s.frame(r, c, pageImport, l.T("import")), Form: s.viewImportForm(l, c, f), Reads: viewReads(l),
		Heading: l.T("import.list"),
		Head:    ui.Head{Eyebrow: l.T("import"), Title: importTitle(l, list), Lede: words(l.T("import.lede"))},
	}
	if r.Method != http.MethodGet {
		v.Page.Back = communityPath(c.Scope, "/import")
	}
	for _, i := range list {
		v.Rows = append(v.Rows, s.viewImportRow(l, c, i))
	}
	return s.render(w, r, status, importListPage(v))
}

// importTitle is the one sentence about all imports: what needs the visitor first.
func importTitle(l i18n.Locale, list []store.Import) string {
	states, refused := map[string]int{}, int64(0)
	for _, i := range list {
		states[i.State]++
		if i.State == store.ImportDone {
			refused += i.Refusals
		}
	}
	switch {
	case len(list) == 0:
		return l.T("import.title.none")
	case states[store.ImportAsking] > 0:
		return l.N("import.title.asking", states[store.ImportAsking])
	case states[store.ImportRunning]+states[store.ImportWaiting] > 0:
		return l.N("import.title.running", states[store.ImportRunning]+states[store.ImportWaiting])
	case list[0].State == store.ImportFailed:
		return l.T("import.title.failed")
	case refused > 0:
		return l.N("import.title.refused", int(refused))
	}
	return l.N("import.title.done", states[store.ImportDone])
}

func (s *Server) viewImportForm(l i18n.Locale, c community.Community, f importForm) importFormView {
	source := ui.Field{
		Name: "source", Label: l.T("import.source"), Error: f.SourceError, Hint: l.T("import.source.hint"),
		Options: []ui.Option{{Value: automatic, Label: l.T("import.source.auto"), Current: f.Source == ""}},
	}
	for _, k := range s.Connectors {
		if _, ok := k.(connectors.Importer); ok {
			source.Options = append(source.Options, ui.Option{Value: string(k.Platform()), Label: k.Name(), Current: f.Source == string(k.Platform())})
		}
	}
	return importFormView{
		Title: l.T("import.form"), Text: l.T("import.form.text"), Action: communityPath(c.Scope, "/import"),
		Source: source, Zone: zoneField("zone", l.T("import.zone"), l.T("import.zone.hint"), f.Zone, f.ZoneError),
		Options: l.T("import.options", "zone", strings.ReplaceAll(f.Zone, "_", " ")), Open: f.SourceError != "" || f.ZoneError != "" || f.Source != "",
		Drop: s.dropField(l, f.FilesError), Terms: s.terms(l), Send: l.T("import.send"),
	}
}

// dropField is the field for export files.
func (s *Server) dropField(l i18n.Locale, problem string) ui.Drop {
	return ui.Drop{
		Name: filesField, Label: l.T("ui.drop.hint"), Hint: l.T("import.files.hint", "size", l.Bytes(s.MaxUpload)), Error: problem,
		Accept: ".zip,.json,.txt,.csv,.tsv,.xlsx", Sending: l.T("ui.drop.sending"), Failed: l.T("ui.drop.failed"),
	}
}

// terms is what sending files of a platform means, for those that have something to say.
func (s *Server) terms(l i18n.Locale) []string {
	var all []string
	for _, k := range s.Connectors {
		if key := "import.terms." + string(k.Platform()); l.Has(key) {
			all = append(all, l.T(key))
		}
	}
	return all
}

func viewReads(l i18n.Locale) readsView {
	v := readsView{Title: l.T("reads")}
	for _, n := range []string{"1", "2", "3"} {
		v.Read = append(v.Read, l.T("reads.yes."+n))
		v.Never = append(v.Never, l.T("reads.no."+n))
	}
	return v
}

// sourceName is the platform's own spelling; for an import that was not
// recognised, what it is.
func (s *Server) sourceName(l i18n.Locale, p community.Platform) string {
	if k := connectors.Find(s.Connectors, p); k != nil {
		return k.Name()
	}
	return l.T("import.unrecognised")
}

// fileNames names the first file and counts the others.
func fileNames(l i18n.Locale, names []string) string {
	switch len(names) {
	case 0:
		return ""
	case 1:
		return names[0]
	}
	return l.N("import.files.more", len(names)-1, "name", names[0])
}

func (s *Server) viewImportRow(l i18n.Locale, c community.Community, i store.Import) importRow {
	row := importRow{
		Icon: ui.Icon(i.Source), Name: s.sourceName(l, i.Source), Files: fileNames(l, i.Names), URL: importPath(i, ""),
		WhenLabel: l.T("import.when"), When: l.Relative(i.Created.In(c.Location), s.Now().In(c.Location)),
		CountLabel: l.T("import.read"), Seen: l.N("import.activities", int(i.Activities)),
	}
	if i.Source == "" {
		row.Icon = ui.IconUpload
	}
	if i.Activities == 0 && i.Records > 0 {
		row.Seen = l.N("import.records.n", int(i.Records))
	} else if i.Activities == 0 && i.State != store.ImportDone {
		row.Seen = "–"
	}
	row.Tone, row.StateIcon, row.State = importState(l, i)
	switch i.State {
	case store.ImportAsking:
		row.Banner = &ui.Banner{Tone: ui.Watch, Text: l.T("import.asking.banner"), Action: &ui.Link{Label: l.T("import.answer"), URL: row.URL}, Strong: true}
		if asksMapping(i) {
			row.Banner.Text, row.Banner.Action.URL = l.T("import.mapping.text"), importPath(i, "/mapping")
		}
	case store.ImportFailed:
		why := viewFailure(l, i)
		row.Banner = &ui.Banner{Tone: ui.Bad, Lead: why.lead, Text: why.fix}
	}
	return row
}

// importState is an import's state in words, with its icon.
func importState(l i18n.Locale, i store.Import) (ui.Tone, ui.Icon, string) {
	if !i.Undone.IsZero() {
		return ui.Wait, ui.IconCross, l.T("import.state.undone")
	}
	switch i.State {
	case store.ImportRunning:
		return ui.Wait, ui.IconSync, l.T("import.state.running")
	case store.ImportAsking:
		return ui.Watch, ui.IconWarning, l.T("import.state.asking")
	case store.ImportFailed:
		return ui.Bad, ui.IconError, l.T("import.state.failed")
	case store.ImportCancelled:
		return ui.Wait, ui.IconCross, l.T("import.state.cancelled")
	case store.ImportDone:
		if i.Refusals > 0 {
			return ui.Watch, ui.IconWarning, l.N("import.state.refused", int(i.Refusals))
		}
		return ui.Good, ui.IconCheck, l.T("import.state.done")
	}
	return ui.Wait, ui.IconClock, l.T("import.state.waiting")
}

// settled says that the figures of a community include everything.
func (s *Server) settled(ctx context.Context, c community.Community) (bool, error) {
	days, err := s.Store.DirtyDays(ctx, c.Scope)
	if err != nil {
		return false, fmt.Errorf("web: %w", err)
	}
	return days == 0, nil
}
