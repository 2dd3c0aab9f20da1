package web

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

// The cookies besides ui.ThemeCookie. None of them tells who somebody is.
const (
	languageCookie  = "language"
	communityCookie = "community" // the one looked at last
)

const aYear = 365 * 24 * time.Hour

// keep sets a cookie for the whole site.
func keep(w http.ResponseWriter, r *http.Request, name, value string, scriptable bool) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(aYear / time.Second), HttpOnly: !scriptable,
		Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

// setTheme keeps the choice of light and dark; the page's script writes the same cookie.
func (s *Server) setTheme(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	keep(w, r, ui.ThemeCookie, string(ui.ParseTheme(r.PostForm.Get("theme"))), true)
	http.Redirect(w, r, localPath(r.PostForm.Get("back")), http.StatusSeeOther)
	return nil
}

// setLanguage keeps the choice of a language. It is a link, so that it works
// everywhere; the worst that a prepared one does is to change the language.
func (s *Server) setLanguage(w http.ResponseWriter, r *http.Request) error {
	l, ok := i18n.Parse(r.URL.Query().Get("to"))
	if !ok {
		return &problem{status: http.StatusNotFound, key: "error.not_found"}
	}
	keep(w, r, languageCookie, l.String(), false)
	if u := actor(r).User; u.ID != 0 {
		u.Language = l.String()
		if err := s.Store.SetProfile(r.Context(), u); err != nil {
			return fmt.Errorf("web: set language: %w", err)
		}
	}
	http.Redirect(w, r, localPath(r.URL.Query().Get("back")), http.StatusSeeOther)
	return nil
}

// remembered keeps the community that is looked at, for the next visit.
func remembered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, err := strconv.ParseInt(chi.URLParam(r, "community"), 10, 64)
		if value := strconv.FormatInt(id, 10); err == nil && id > 0 && cookie(r, communityCookie) != value {
			keep(w, r, communityCookie, value, false)
		}
		next.ServeHTTP(w, r)
	})
}

// communities are those of the organisation that the visitor is shown; archived
// ones are left to the settings.
func (s *Server) communities(r *http.Request) ([]community.Community, error) {
	who := actor(r)
	list, err := s.Store.Communities(r.Context(), who.Organisation())
	return slices.DeleteFunc(list, func(c community.Community) bool { return !who.Sees(c.Scope.Community) || !c.Archived.IsZero() }), err
}

// home leads to the community looked at last, else the first, else the start.
func (s *Server) home(w http.ResponseWriter, r *http.Request) error {
	if actor(r).Organisation() == 0 {
		http.Redirect(w, r, "/settings/organisations", http.StatusSeeOther)
		return nil
	}
	list, err := s.communities(r)
	if err != nil {
		return fmt.Errorf("web: home: %w", err)
	}
	to := "/start"
	if !actor(r).May(account.CreateCommunities) {
		to = "/communities"
	}
	for n, c := range list {
		if n == 0 || strconv.FormatInt(c.Scope.Community, 10) == cookie(r, communityCookie) {
			to = communityPath(c.Scope, "")
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// health says whether the database answers.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if err := s.Store.Ping(r.Context()); err != nil {
		http.Error(w, "no database", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
}

// communityView is one community of the list.
type communityView struct {
	Name, Glyph, URL, Zone string
}

// communityListView is the page where a community is chosen.
type communityListView struct {
	Page                    ui.Page
	Eyebrow, Title, Heading string
	Communities             []communityView
	New                     *ui.Link  // nil for who may not make one
	Empty                   *ui.Empty // there is none
}

// communityList shows all communities; without one, the start page.
func (s *Server) communityList(w http.ResponseWriter, r *http.Request) error {
	list, err := s.communities(r)
	if err != nil {
		return fmt.Errorf("web: communities: %w", err)
	}
	if len(list) == 0 && actor(r).May(account.CreateCommunities) {
		http.Redirect(w, r, "/start", http.StatusSeeOther)
		return nil
	}
	l := s.locale(r)
	v := communityListView{
		Page: s.bare(r, l.T("start.list")), Eyebrow: l.T("start.list"), Title: l.N("start.list.title", len(list)),
		Heading: l.T("start.list.choose"),
	}
	if actor(r).May(account.CreateCommunities) {
		v.New = &ui.Link{Label: l.T("start.list.new"), URL: "/start", Icon: ui.IconPlus}
	}
	if len(list) == 0 {
		v.Empty = &ui.Empty{Lead: l.T("start.list.none"), Text: l.T("start.list.none.text"), Action: s.sampleOffer(r)}
	}
	for _, c := range list {
		v.Communities = append(v.Communities, viewCommunity(c))
	}
	return s.render(w, r, http.StatusOK, communityListPage(v))
}

func viewCommunity(c community.Community) communityView {
	return communityView{Name: c.Name, Glyph: glyph(c.Name), URL: communityPath(c.Scope, ""), Zone: c.Location.String()}
}
