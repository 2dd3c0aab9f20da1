package web

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

const keysPath = "/settings/keys"

func (s *Server) keyRoutes() []route {
	return []route{
		{"GET", keysPath, may(account.ManageKeys), s.page(s.keys)},
		{"GET", keysPath + "/new", may(account.ManageKeys).sure(), s.page(s.newKey)},
		{"POST", keysPath + "/new", may(account.ManageKeys).sure(), s.page(s.createKey)},
		{"GET", keysPath + "/{key}/revoke", may(account.ManageKeys), s.page(s.askRevokeKey)},
		{"POST", keysPath + "/{key}/revoke", may(account.ManageKeys), s.page(s.revokeKey)},
	}
}

// What a key begins with, and how much of it is kept to tell keys apart.
const (
	keyShown = 12
)

// keyScopes are the permissions that a key may have: reading, nothing else.
func keyScopes() []account.Permission {
	return []account.Permission{account.ViewCommunities, account.ViewPeople, account.ExportData}
}

// keyTerms are the days after which a key may end; 0 is never.
func keyTerms() []int { return []int{30, 90, 365, 0} }

// keys lists the keys of the API.
func (s *Server) keys(w http.ResponseWriter, r *http.Request) error {
	l, org := s.locale(r), actor(r).Seat.Organisation
	list, err := s.Store.Keys(r.Context(), org.ID)
	if err != nil {
		return fmt.Errorf("web: keys: %w", err)
	}
	names, err := s.communityNames(r)
	if err != nil {
		return err
	}
	p := rowsPart{Title: l.T("settings.keys.list"), Sub: l.T("settings.keys.text"), Action: &ui.Link{Label: l.T("settings.keys.new"), URL: keysPath + "/new", Icon: ui.IconPlus}}
	inForce := 0
	for _, k := range list {
		row := s.keyRow(l, org, k, names)
		if len(row.Buttons) > 0 {
			inForce++
		}
		p.Rows = append(p.Rows, row)
	}
	if len(list) == 0 {
		p.Empty = &ui.Empty{Lead: l.T("settings.keys.none"), Text: l.T("settings.keys.none.text")}
	}
	v := s.settingsView(r, "keys", "keys", counted(l, "settings.keys.title", inForce))
	v.Parts = []templ.Component{p.View()}
	return s.showSettings(w, r, http.StatusOK, v)
}

// communityNames are the names of the organisation's communities.
func (s *Server) communityNames(r *http.Request) (map[int64]string, error) {
	list, err := s.Store.Communities(r.Context(), actor(r).Organisation())
	if err != nil {
		return nil, fmt.Errorf("web: community names: %w", err)
	}
	names := map[int64]string{}
	for _, c := range list {
		names[c.Scope.Community] = c.Name
	}
	return names, nil
}

// keyRow is one key of the list; only one in force can be revoked.
func (s *Server) keyRow(l i18n.Locale, org store.Organisation, k store.Key, names map[int64]string) rowView {
	day := func(t time.Time) string { return l.Date(t.In(zoneOf(org))) }
	row := rowView{Glyph: glyph(k.Name), Title: k.Name, Lines: []string{
		k.Prefix + "…", l.List(permissionNames(l, k.Scopes)), keyReach(l, k, names),
		l.T("settings.keys.created", "day", day(k.Created), "person", orDash(k.CreatedBy)),
	}}
	if k.Used.IsZero() {
		row.Lines = append(row.Lines, l.T("settings.keys.unused"))
	} else {
		row.Lines = append(row.Lines, l.T("settings.keys.used", "when", l.Relative(k.Used.In(zoneOf(org)), s.Now().In(zoneOf(org)))))
	}
	switch {
	case !k.Revoked.IsZero():
		row.Says = []sayView{{ui.Bad, ui.IconCross, l.T("settings.keys.revoked", "day", day(k.Revoked))}}
		return row
	case !k.Expires.IsZero() && !k.Expires.After(s.Now()):
		row.Says = []sayView{{ui.Bad, ui.IconClock, l.T("settings.keys.expired", "day", day(k.Expires))}}
		return row
	case k.Expires.IsZero():
		row.Says = []sayView{{ui.Watch, ui.IconWarning, l.T("settings.keys.endless")}}
	default:
		row.Says = []sayView{{ui.Good, ui.IconCheck, l.T("settings.keys.until", "day", day(k.Expires))}}
	}
	row.Buttons = []buttonView{{Label: l.T("settings.keys.revoke"), Of: k.Name, URL: keysPath + "/" + idText(k.ID) + "/revoke", Weight: ui.Danger}}
	return row
}

func permissionNames(l i18n.Locale, scopes []string) []string {
	var out []string
	for _, p := range scopes {
		out = append(out, l.T("settings.permission."+p))
	}
	return out
}

// keyReach says which communities a key reads.
func keyReach(l i18n.Locale, k store.Key, names map[int64]string) string {
	if len(k.Communities) == 0 {
		return l.T("settings.keys.everywhere")
	}
	var list []string
	for _, id := range k.Communities {
		if name := names[id]; name != "" {
			list = append(list, name)
		}
	}
	return l.T("settings.keys.only", "communities", orDash(l.List(list)))
}

// keyForm makes a key.
type keyForm struct {
	Name                          string
	Scopes                        []string
	Communities                   []int64
	Days                          int
	NameError, ScopesError, Error string
}

func (f *keyForm) parse(v url.Values) {
	f.Name = line(v, "name")
	for _, p := range keyScopes() {
		if slices.Contains(v["scope"], string(p)) {
			f.Scopes = append(f.Scopes, string(p))
		}
	}
	f.Communities = ids64(v["community"])
	f.Days, _ = strconv.Atoi(v.Get("days"))
}

// ids64 are the positive numbers of a list, each once.
func ids64(texts []string) []int64 {
	var out []int64
	for _, text := range texts {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && id > 0 && !slices.Contains(out, id) && len(out) < 1000 {
			out = append(out, id)
		}
	}
	return out
}

func (f *keyForm) check(l i18n.Locale, who account.Actor) bool {
	f.NameError = badName(l, f.Name)
	f.Scopes = slices.DeleteFunc(f.Scopes, func(p string) bool { return !who.May(account.Permission(p)) })
	if len(f.Scopes) == 0 {
		f.ScopesError = l.T("settings.keys.scopes.none")
	}
	if !slices.Contains(keyTerms(), f.Days) {
		f.Days = keyTerms()[1]
	}
	return f.NameError == "" && f.ScopesError == ""
}

// newKey shows the form for a key.
func (s *Server) newKey(w http.ResponseWriter, r *http.Request) error {
	return s.newKeyPage(w, r, http.StatusOK, keyForm{Scopes: []string{string(account.ViewCommunities)}, Days: keyTerms()[1]})
}

func (s *Server) newKeyPage(w http.ResponseWriter, r *http.Request, status int, f keyForm) error {
	l := s.locale(r)
	communities, err := s.communityChecks(r, "community", l.T("settings.keys.communities"), l.T("settings.keys.communities.hint"), f.Communities, f.Error)
	if err != nil {
		return err
	}
	scopes := ui.Checks{Name: "scope", Label: l.T("settings.keys.scopes"), Hint: l.T("settings.keys.scopes.hint"), Error: f.ScopesError}
	for _, p := range keyScopes() {
		scopes.Options = append(scopes.Options, ui.Option{
			Value: string(p), Label: l.T("settings.permission." + string(p)), Current: slices.Contains(f.Scopes, string(p)),
		})
	}
	days := ui.Field{Name: "days", Label: l.T("settings.keys.days"), Hint: l.T("settings.keys.days.hint")}
	for _, n := range keyTerms() {
		label := l.T("settings.keys.days.never")
		if n > 0 {
			label = l.N("settings.keys.days.n", n)
		}
		days.Options = append(days.Options, ui.Option{Value: strconv.Itoa(n), Label: label, Current: n == f.Days})
	}
	v := s.settingsView(r, "keys", "keys.new", "")
	v.Parts = []templ.Component{formPart{
		Action: keysPath + "/new", Send: l.T("settings.keys.create"), Cancel: &ui.Link{Label: l.T("ui.cancel"), URL: keysPath},
		Fields: []templ.Component{
			ui.Field{Name: "name", Label: l.T("settings.keys.name"), Hint: l.T("settings.keys.name.hint"), Value: f.Name, Error: f.NameError, Complete: "off", Required: true}.View(),
			scopes.View(), communities.View(), days.View(),
		},
	}.View()}
	return s.showSettings(w, r, status, v)
}

// communityChecks is a list of the organisation's communities to tick; archived
// ones only where they are ticked already.
func (s *Server) communityChecks(r *http.Request, name, label, hint string, ticked []int64, problem string) (ui.Checks, error) {
	list, err := s.Store.Communities(r.Context(), actor(r).Organisation())
	if err != nil {
		return ui.Checks{}, fmt.Errorf("web: communities: %w", err)
	}
	c := ui.Checks{Name: name, Label: label, Hint: hint, Error: problem}
	for _, n := range list {
		if on := slices.Contains(ticked, n.Scope.Community); on || n.Archived.IsZero() {
			c.Options = append(c.Options, ui.Option{Value: idText(n.Scope.Community), Label: n.Name, Current: on})
		}
	}
	return c, nil
}

// createKey makes a key and shows it, this once: it stands in the answer and
// nowhere else.
func (s *Server) createKey(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	l, who, f := s.locale(r), actor(r), keyForm{}
	f.parse(r.PostForm)
	if !f.check(l, who) {
		return s.newKeyPage(w, r, http.StatusUnprocessableEntity, f)
	}
	token, _ := secret.Token()
	key := keyPrefix + token
	k := store.Key{Organisation: who.Organisation(), Name: f.Name, Prefix: key[:keyShown], Scopes: f.Scopes, Communities: f.Communities}
	if f.Days > 0 {
		k.Expires = s.Now().AddDate(0, 0, f.Days)
	}
	_, err := s.Store.CreateKey(r.Context(), k, who.User.ID, secret.HashToken(key))
	if errors.Is(err, community.ErrNotFound) {
		f.Communities, f.Error = nil, l.T("settings.keys.communities.bad")
		return s.newKeyPage(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return fmt.Errorf("web: create key: %w", err)
	}
	s.audit(r, "key.create", k.Name, "prefix", k.Prefix)
	if err := s.tellOfKey(r, k.Name); err != nil {
		return err
	}
	v := s.settingsView(r, "keys", "keys.made", l.T("settings.keys.made.title", "name", k.Name))
	v.Page.Back, v.Page.Languages = keysPath, nil // asking again would not show the key
	v.Parts = []templ.Component{secretView{
		Title: l.T("settings.keys.made.once"), Sub: l.T("settings.keys.made.text"), Label: l.T("settings.keys.made.key"), Secret: key,
		Copy: l.T("settings.keys.copy"), Copied: l.T("settings.keys.copied"), Done: ui.Link{Label: l.T("settings.keys.made.done"), URL: keysPath},
	}.View()}
	return s.showSettings(w, r, http.StatusOK, v)
}

// tellOfKey writes to the owners, and to who made it, that there is a new key.
func (s *Server) tellOfKey(r *http.Request, name string) error {
	list, err := s.Store.Colleagues(r.Context(), actor(r).Organisation())
	if err != nil {
		return fmt.Errorf("web: tell of key: %w", err)
	}
	for _, c := range list {
		if c.Role == store.RoleOwner || c.User == actor(r).User.ID {
			s.notify(r, c.User, mail.APIKeyCreated, func(_ i18n.Locale, d *mail.Data) { d.Key, d.Link = name, s.linkTo(r, keysPath) })
		}
	}
	return nil
}

// secretView shows a secret that is not shown again.
type secretView struct {
	Title, Sub, Label, Secret, Copy, Copied string
	Done                                    ui.Link
}

// theKey is the key that the path names, if it is the organisation's and not revoked.
func (s *Server) theKey(r *http.Request) (store.Key, error) {
	id, err := pathID(r, "key")
	if err != nil {
		return store.Key{}, err
	}
	list, err := s.Store.Keys(r.Context(), actor(r).Organisation())
	if err != nil {
		return store.Key{}, fmt.Errorf("web: key: %w", err)
	}
	for _, k := range list {
		if k.ID == id && k.Revoked.IsZero() {
			return k, nil
		}
	}
	return store.Key{}, fmt.Errorf("web: key: %w", community.ErrNotFound)
}

// askRevokeKey asks before a key ends.
func (s *Server) askRevokeKey(w http.ResponseWriter, r *http.Request) error {
	k, err := s.theKey(r)
	if err != nil {
		return err
	}
	l := s.locale(r)
	v := s.settingsView(r, "keys", "keys.revoke", l.T("settings.keys.revoke.title", "name", k.Name))
	v.Parts = []templ.Component{formPart{
		Title: k.Prefix + "…", Action: r.URL.Path, Send: l.T("settings.keys.revoke"), Weight: ui.Danger, Cancel: &ui.Link{Label: l.T("settings.keep"), URL: keysPath},
	}.View()}
	return s.showSettings(w, r, http.StatusOK, v)
}

// revokeKey ends a key.
func (s *Server) revokeKey(w http.ResponseWriter, r *http.Request) error {
	k, err := s.theKey(r)
	if err != nil {
		return err
	}
	if err := s.Store.RevokeKey(r.Context(), k.Organisation, k.ID); err != nil {
		return fmt.Errorf("web: revoke key: %w", err)
	}
	s.audit(r, "key.revoke", k.Name, "prefix", k.Prefix)
	return s.done(w, r, keysPath, "key_revoked")
}
