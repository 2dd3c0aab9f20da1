package web

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
	"github.com/foyer-app/foyer/web/ui"
)

func holdingFacts(l i18n.Locale, h store.Holdings, whole bool) []ui.Option {
	list := []ui.Option{
		{Label: l.T("delete.members"), Value: l.Int(int64(h.Members))},
		{Label: l.T("delete.messages"), Value: l.Int(h.Messages)},
		{Label: l.T("delete.imports"), Value: l.Int(int64(h.Imports))},
	}
	if whole {
		list = append([]ui.Option{
			{Label: l.T("delete.communities"), Value: l.Int(int64(h.Communities))},
			{Label: l.T("delete.colleagues"), Value: l.Int(int64(h.Colleagues))},
		}, list...)
	}
	return list
}

// askDeleteOrganisation says what goes with an organisation.
func (s *Server) askDeleteOrganisation(w http.ResponseWriter, r *http.Request) error {
	return s.deleteOrganisationPage(w, r, http.StatusOK, "")
}

func (s *Server) deleteOrganisationPage(w http.ResponseWriter, r *http.Request, status int, problem string) error {
	l, o := s.locale(r), actor(r).Seat.Organisation
	h, err := s.Store.Holdings(r.Context(), store.Deletion{Organisation: o.ID})
	if err != nil {
		return fmt.Errorf("web: delete organisation: %w", err)
	}
	v := deleteView(l, s.bare(r, l.T("delete.organisation")), o.Name, problem)
	v.Head.Title, v.Head.Lede = l.T("delete.organisation.title", "name", o.Name), words(l.T("delete.organisation.lede"))
	v.Facts, v.Action, v.BackURL = holdingFacts(l, h, true), "/settings/organisation/delete", privacyPath
	v.Page.Back = v.Action
	return s.render(w, r, status, surePage(v))
}

func deleteView(l i18n.Locale, p ui.Page, name, problem string) sureView {
	return sureView{
		Page: p, Head: ui.Head{Eyebrow: l.T("privacy.delete")}, Title: l.T("delete.what"),
		Banner: &ui.Banner{Tone: ui.Bad, Lead: l.T("delete.final"), Text: l.T("delete.final.text")},
		Type:   &ui.Field{Name: "confirm", Label: l.T("privacy.type", "text", name), Error: problem, Complete: "off", Required: true},
		Weight: ui.Danger, Send: l.T("delete.send"), Back: l.T("ui.cancel"),
	}
}

// deleteOrganisation hides an organisation at once; its rows go right after.
func (s *Server) deleteOrganisation(w http.ResponseWriter, r *http.Request) error {
	if err := form(r); err != nil {
		return err
	}
	who := actor(r)
	o := who.Seat.Organisation
	if strings.TrimSpace(r.PostForm.Get("confirm")) != strings.TrimSpace(o.Name) {
		return s.deleteOrganisationPage(w, r, http.StatusUnprocessableEntity, s.locale(r).T("privacy.type.wrong"))
	}
	owners, err := s.owners(r)
	if err != nil {
		return fmt.Errorf("web: delete organisation: %w", err)
	}
	communities, err := s.Store.Communities(r.Context(), o.ID)
	if err != nil {
		return fmt.Errorf("web: delete organisation: %w", err)
	}
	s.giveBack(r, communities)
	if err := s.Store.MarkOrganisation(r.Context(), o.ID); err != nil {
		return fmt.Errorf("web: delete organisation: %w", err)
	}
	// What is written about it now belongs to the instance: the rest goes.
	s.auditUser(r, who.User, "organisation.delete", "organisation", idText(o.ID))
	if err := s.writeTo(r, owners, mail.OrganisationDeleted, mail.Data{}, 0); err != nil {
		s.Log.ErrorContext(r.Context(), "owners not told", slog.String("id", requestID(r)), slog.Any("error", err))
	}
	http.Redirect(w, r, "/settings/organisations", http.StatusSeeOther)
	return nil
}

// giveBack ends what platforms granted, as far as they answer.
func (s *Server) giveBack(r *http.Request, communities []community.Community) {
	if s.Live == nil {
		return
	}
	for _, c := range communities {
		list, err := s.Store.Connections(r.Context(), c.Scope)
		for _, conn := range list {
			if err == nil && conn.Live() {
				err = s.Live.Disconnect(r.Context(), conn)
			}
		}
		if err != nil {
			s.Log.WarnContext(r.Context(), "access not given back", slog.String("id", requestID(r)), slog.Any("error", err))
		}
	}
}

// askDeleteCommunity says what goes with a community.
func (s *Server) askDeleteCommunity(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	return s.deleteCommunityPage(w, r, http.StatusOK, c, "")
}

func (s *Server) deleteCommunityPage(w http.ResponseWriter, r *http.Request, status int, c community.Community, problem string) error {
	l := s.locale(r)
	h, err := s.Store.Holdings(r.Context(), store.Deletion{Organisation: c.Organisation, Community: c.Scope.Community})
	if err != nil {
		return fmt.Errorf("web: delete community: %w", err)
	}
	v := deleteView(l, s.frame(r, c, "", l.T("delete.community")), c.Name, problem)
	v.Head.Title, v.Head.Lede = l.T("delete.community.title", "name", c.Name), words(l.T("delete.community.lede"))
	v.Facts, v.Action, v.BackURL = holdingFacts(l, h, false), communityPath(c.Scope, "/delete"), communityPath(c.Scope, "")
	v.Page.Back = v.Action
	return s.render(w, r, status, surePage(v))
}

func (s *Server) deleteCommunity(w http.ResponseWriter, r *http.Request) error {
	c, err := s.community(r)
	if err != nil {
		return err
	}
	if err := form(r); err != nil {
		return err
	}
	if strings.TrimSpace(r.PostForm.Get("confirm")) != strings.TrimSpace(c.Name) {
		return s.deleteCommunityPage(w, r, http.StatusUnprocessableEntity, c, s.locale(r).T("privacy.type.wrong"))
	}
	s.giveBack(r, []community.Community{c})
	if err := s.Store.MarkCommunity(r.Context(), c.Scope); err != nil {
		return fmt.Errorf("web: delete community: %w", err)
	}
	s.audit(r, "community.delete", c.Name, "community", idText(c.Scope.Community))
	return s.toPrivacy(w, r, "community")
}
