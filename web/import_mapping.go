package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// mappingForm is what the visitor says about a table.
type mappingForm struct {
	mapping connectors.Mapping
	start   bool   // else it is only looked at again
	doubled string // a field that two columns are said to be
}

// parse reads the form. Which column is what counts only for the kind and the
// writing that the columns were shown for: after a change they are suggested anew.
func (f *mappingForm) parse(values url.Values) {
	get := func(name string) string { return strings.TrimSpace(values.Get(name)) }
	f.mapping = connectors.Mapping{
		Kind: get("kind"), System: get("system"), Tax: get("tax"), Rate: get("rate"), Currency: get("currency"),
		Country: strings.ToUpper(get("country")), Decimal: get("decimal"), DateOrder: get("date_order"), Zone: get("zone"), AsOf: get("as_of"),
		Encoding: get("encoding"), Header: get("header"),
	}
	// A tab and a space are values of their own, which trimming would lose.
	f.mapping.Separator = separatorNamed(get("separator"))
	f.start = get("do") == "start"
	if get("was") != f.written() {
		f.start = false
		return
	}
	columns := map[string]string{}
	for name, all := range values {
		number, ok := strings.CutPrefix(name, "col.")
		if !ok || all[0] == "" {
			continue
		}
		if _, twice := columns[all[0]]; twice {
			f.doubled = all[0]
		}
		columns[all[0]] = "#" + number
	}
	f.mapping.Columns = columns
}

// written is what the columns depend on.
func (f *mappingForm) written() string { return writtenAs(f.mapping) }

func writtenAs(m connectors.Mapping) string {
	return strings.Join([]string{m.Kind, separatorName(m.Separator), m.Encoding, m.Header}, "/")
}

// separatorNames are the separators by the words that forms and catalogues use.
var separatorNames = [][2]string{{"comma", ","}, {"semicolon", ";"}, {"tab", "\t"}, {"bar", "|"}, {"space", " "}}

func separatorNamed(name string) string {
	for _, s := range separatorNames {
		if s[0] == name {
			return s[1]
		}
	}
	return ""
}

func separatorName(separator string) string {
	for _, s := range separatorNames {
		if s[1] == separator {
			return s[0]
		}
	}
	return ""
}

// asksMapping says that an import waits for somebody to say how a table is read.
func asksMapping(i store.Import) bool {
	if i.State != store.ImportAsking || i.Question == nil {
		return false
	}
	_, ok := connectors.MappedShape(i.Question.Key)
	return ok
}

// showMapping shows the table that an import asks about, and what is suggested.
func (s *Server) showMapping(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	if !asksMapping(i) {
		return s.toImport(w, r)
	}
	look, err := s.Imports.LookAt(r.Context(), i, nil)
	if err != nil {
		return s.notLooked(w, r, i, err)
	}
	return s.mappingPage(w, r, http.StatusOK, c, i, look, mappingForm{})
}

// notLooked answers when a table cannot be looked at: somebody else answered
// meanwhile, or its file is gone.
func (s *Server) notLooked(w http.ResponseWriter, r *http.Request, i store.Import, err error) error {
	if errors.Is(err, ingest.ErrNoTable) {
		return s.toImport(w, r)
	}
	var file *connectors.FileError
	if errors.As(err, &file) {
		return &problem{status: http.StatusUnprocessableEntity, key: "error.table", err: err}
	}
	return fmt.Errorf("web: import %d: %w", i.ID, err)
}

// setMapping looks again with what the visitor said, or lets the import go on.
func (s *Server) setMapping(w http.ResponseWriter, r *http.Request) error {
	c, i, err := s.theImport(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	if !asksMapping(i) || r.PostForm.Get("key") != i.Question.Key {
		return s.toImport(w, r) // answered already, in another window
	}
	var f mappingForm
	f.parse(r.PostForm)
	look, err := s.Imports.LookAt(r.Context(), i, &f.mapping)
	if err != nil {
		return s.notLooked(w, r, i, err)
	}
	if !f.start {
		return s.mappingPage(w, r, http.StatusOK, c, i, look, f)
	}
	if len(look.Missing) > 0 || f.doubled != "" {
		return s.mappingPage(w, r, http.StatusUnprocessableEntity, c, i, look, f)
	}
	err = s.Imports.AnswerMapping(r.Context(), i, look)
	if err != nil && !errors.Is(err, community.ErrNotFound) {
		return fmt.Errorf("web: mapping: %w", err)
	}
	http.Redirect(w, r, importPath(i, ""), http.StatusSeeOther)
	return nil
}

func (s *Server) mappingPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, i store.Import, look connectors.Look, f mappingForm) error {
	l := s.locale(r)
	v := mappingView{l: l, look: look, form: f, said: f.mapping.Kind != "", kinds: s.kindsOf(i)}
	v.Page = s.frame(r, c, pageImport, l.T("sheet"))
	v.Action, v.Key = importPath(i, "/mapping"), i.Question.Key
	v.fill(i)
	if r.Method != http.MethodGet {
		v.Page.Back = importPath(i, "/mapping")
	}
	return s.render(w, r, status, mappingPage(v))
}

// kindsOf lists what the tables of an import can hold.
func (s *Server) kindsOf(i store.Import) []connectors.TableKind {
	if m, ok := connectors.Find(s.Connectors, i.Source).(connectors.Mapped); ok {
		return m.Kinds()
	}
	return nil
}

// columnOf says which field a column is mapped to, by its place from 0 on.
func columnOf(look connectors.Look, place int) string {
	for field, name := range look.Mapping.Columns {
		if name == look.Header[place] || name == "#"+strconv.Itoa(place+1) && !slices.Contains(look.Header, name) {
			return field
		}
	}
	return ""
}

// sampleOf are some values of a column, to recognise it by.
func sampleOf(look connectors.Look, place int) string {
	var list []string
	for _, row := range look.Rows {
		if place < len(row) && row[place] != "" && !slices.Contains(list, row[place]) {
			list = append(list, row[place])
		}
		if len(list) == 3 {
			break
		}
	}
	return strings.Join(list, " · ")
}

// fieldLabel is the name of a field for people.
func fieldLabel(l i18n.Locale, key string) string { return l.T("sheet.field." + key) }
