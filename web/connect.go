package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/ui"
)

func (s *Server) callbackRoutes() []route {
	return []route{
		{"GET", "/connect/{platform}/callback", signedIn(), s.page(s.connected)},
		{"POST", "/connect/{platform}/keys", anybody(), s.handedKeys},
	}
}

// connectPurpose binds tickets and what is sealed in them to connecting.
const connectPurpose = "connect"

// connectTime is how long the visitor may take at the platform.
const connectTime = 15 * time.Minute

// attempt is one try to connect an account, kept while the visitor is away.
type attempt struct {
	Session      int64              `json:"session"`
	Organisation int64              `json:"organisation"`
	Community    int64              `json:"community"`
	Platform     community.Platform `json:"platform"`
	Verifier     string             `json:"verifier"`
	Values       map[string]string  `json:"values,omitempty"` // asked for before
	Handed       map[string]string  `json:"handed,omitempty"` // by the platform meanwhile
}

// offered is the connector of a platform that can be connected here.
func (s *Server) offered(r *http.Request) (connectors.Connector, connectors.App, error) {
	p := connectors.Find(s.Connectors, community.Platform(chi.URLParam(r, "platform")))
	if p == nil || s.Live == nil {
		return nil, connectors.App{}, community.ErrNotFound
	}
	app, ok := s.Live.App(p.Platform())
	if !ok || len(missing(p, app)) > 0 {
		return nil, app, &problem{status: http.StatusNotFound, key: "error.not_offered"}
	}
	return p, app, nil
}

// connect leads the visitor to the platform. The state that comes back belongs to
// this session, and works once.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	p, app, err := s.offered(r)
	if err != nil {
		return err
	}
	installer, ok := p.(connectors.Installer)
	if !ok {
		http.Redirect(w, r, communityPath(c.Scope, "/connect/"+string(p.Platform())+"/manual"), http.StatusSeeOther)
		return nil
	}
	if asker, ok := p.(connectors.Asker); ok {
		return s.connectAskPage(w, r, http.StatusOK, c, p, asker, nil, nil, nil)
	}
	state, verifier, hash, a := s.attempt(r, c, p)
	if err := s.keepAttempt(r, hash, a); err != nil {
		return fmt.Errorf("web: connect: %w", err)
	}
	http.Redirect(w, r, installer.InstallURL(app, state, verifier), http.StatusSeeOther)
	return nil
}

// attempt begins one try to connect an account.
func (s *Server) attempt(r *http.Request, c community.Community, p connectors.Connector) (state, verifier string, hash []byte, a attempt) {
	verifier, _ = secret.Token()
	state, hash = secret.Token()
	a = attempt{Session: actor(r).Session.ID, Organisation: c.Organisation, Community: c.Scope.Community, Platform: p.Platform(), Verifier: verifier}
	return state, verifier, hash, a
}

// keepAttempt keeps it while the visitor is away.
func (s *Server) keepAttempt(r *http.Request, hash []byte, a attempt) error {
	data, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.Store.IssueTicket(r.Context(), hash, store.Ticket{
		Purpose: connectPurpose, User: actor(r).User.ID, Data: s.Accounts.Ring.Seal(connectPurpose, data), Expires: s.Now().Add(connectTime),
	}, false)
}

// connected takes the visitor back from the platform.
func (s *Server) connected(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	t, err := s.Store.UseTicket(r.Context(), secret.HashToken(query.Get("state")), connectPurpose)
	if errors.Is(err, community.ErrNotFound) {
		return &problem{status: http.StatusBadRequest, key: "error.connect_state"}
	}
	if err != nil {
		return fmt.Errorf("web: connected: %w", err)
	}
	var a attempt
	plain, err := s.Accounts.Ring.Open(connectPurpose, t.Data)
	if err == nil {
		err = json.Unmarshal(plain, &a)
	}
	if err != nil {
		return fmt.Errorf("web: connected: %w", err)
	}
	who, ok := actor(r).For(a.Organisation)
	if !ok || a.Session != who.Session.ID || string(a.Platform) != chi.URLParam(r, "platform") || !who.May(account.Connect) {
		return &problem{status: http.StatusBadRequest, key: "error.connect_state"}
	}
	r = r.WithContext(account.WithActor(r.Context(), who))
	c, err := s.Store.Community(r.Context(), community.Scope{Organisation: a.Organisation, Community: a.Community})
	if err != nil {
		return err
	}
	id, err := s.Live.Install(r.Context(), c, a.Platform, a.told(query), a.Verifier)
	if err != nil {
		return s.notConnected(w, r, c, a.Platform, err)
	}
	return s.changed(w, r, c, store.Connection{ID: id, Platform: a.Platform}, "connected")
}

// notConnectedView says why an account was not connected, and what to do.
type notConnectedView struct {
	Page        ui.Page
	Head        ui.Head
	Missing     []string
	MissingText string
	Again, Back ui.Link
}

func (s *Server) notConnected(w http.ResponseWriter, r *http.Request, c community.Community, p community.Platform, err error) error {
	reason, names := installReason(err)
	if reason == "" {
		return fmt.Errorf("web: connected: %w", err)
	}
	s.Log.InfoContext(r.Context(), "account not connected", slog.String("platform", string(p)), slog.String("reason", reason))
	l := s.locale(r)
	platform := s.sourceName(l, p)
	v := notConnectedView{
		Page: s.frame(r, c, pageConnections, l.T("connection")),
		Head: ui.Head{
			Eyebrow: l.T("connection"), Title: l.T("connection.install."+reason, "platform", platform),
			Lede: words(l.T("connection.install."+reason+".text", "platform", platform)),
		},
		Missing: names, MissingText: l.T("connection.install.missing"),
		Again: ui.Link{Label: l.T("connection.again"), URL: communityPath(c.Scope, "/connect/"+string(p))},
		Back:  ui.Link{Label: l.T("connection.back"), URL: communityPath(c.Scope, "/connections")},
	}
	v.Page.Back = communityPath(c.Scope, "/connections") // the address here works once
	return s.render(w, r, http.StatusUnprocessableEntity, notConnectedPage(v))
}

// installReason is the catalogue's word for what went wrong; empty for a fault of ours.
func installReason(err error) (string, []string) {
	var (
		install *connectors.InstallError
		limit   *connectors.RateLimitError
	)
	switch {
	case errors.As(err, &install):
		for _, known := range []string{"denied", "expired", "scopes", "account", "unreachable", "refused", "full_key", "not_a_key", "expired_key"} {
			if install.Reason == known {
				return known, install.Names
			}
		}
		return "refused", nil
	case errors.As(err, &limit):
		return "unreachable", nil
	case errors.Is(err, connectors.ErrRevoked):
		return "refused", nil
	case errors.Is(err, ingest.ErrNotOffered):
		return "account", nil
	}
	return "", nil
}

// disconnectView asks what becomes of the data.
type disconnectView struct {
	Page       ui.Page
	Head       ui.Head
	Action     string
	Data       ui.Choices
	Send, Back string
	BackURL    string
}

func (s *Server) askDisconnect(w http.ResponseWriter, r *http.Request) error {
	c, conn, err := s.theConnection(r)
	if err != nil {
		return err
	}
	return s.disconnectPage(w, r, http.StatusOK, c, conn, "")
}

func (s *Server) disconnectPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, conn store.Connection, problem string) error {
	l := s.locale(r)
	path := communityPath(c.Scope, "/connections/"+idText(conn.ID)+"/disconnect")
	platform := s.sourceName(l, conn.Platform)
	v := disconnectView{
		Page: s.frame(r, c, pageConnections, l.T("connection.disconnect")), Action: path, Send: l.T("connection.disconnect"),
		Back: l.T("ui.cancel"), BackURL: communityPath(c.Scope, "/connections"),
		Head: ui.Head{Eyebrow: l.T("connection"), Title: l.T("connection.disconnect.title", "platform", platform, "name", conn.Name), Lede: words(l.T("connection.disconnect.lede"))},
		Data: ui.Choices{Name: "data", Label: l.T("connection.disconnect.data"), Error: problem, Options: []ui.Option{
			{Value: "keep", Label: l.T("connection.disconnect.keep"), Hint: l.T("connection.disconnect.keep.text"), Current: problem == ""},
			{Value: "erase", Label: l.T("connection.disconnect.erase"), Hint: l.T("connection.disconnect.erase.text")},
		}},
	}
	v.Page.Back = path
	return s.render(w, r, status, disconnectPage(v))
}

// disconnect gives the access back, and erases what was measured when asked to.
func (s *Server) disconnect(w http.ResponseWriter, r *http.Request) error {
	c, conn, err := s.theConnection(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	data := r.PostForm.Get("data")
	if data != "keep" && data != "erase" {
		return s.disconnectPage(w, r, http.StatusUnprocessableEntity, c, conn, s.locale(r).T("connection.disconnect.choose"))
	}
	if err := s.Live.Disconnect(r.Context(), conn); err != nil {
		return fmt.Errorf("web: disconnect: %w", err)
	}
	what := "disconnected"
	if data == "erase" {
		what = "erased"
		if err := s.Store.EraseConnection(r.Context(), conn); err != nil {
			return fmt.Errorf("web: disconnect: %w", err)
		}
	}
	return s.changed(w, r, c, conn, what)
}
