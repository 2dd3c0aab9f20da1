package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/web/ui"
)

func (s *Server) operatorRoutes() []route {
	return []route{{"GET", "/admin/deliveries", operators(), s.page(s.deliveries)}}
}

// deliveriesPerPage is how many raw deliveries one page lists.
const deliveriesPerPage = 100

type deliveryView struct {
	ID, Platform, Connection, Kind, Size, Received, State string
	Tone                                                  ui.Tone
	Icon                                                  ui.Icon
}

type deliveriesView struct {
	Page                                                               ui.Page
	Head                                                               ui.Head
	Action, FailedLabel, PlatformLabel, Find                           string
	Platforms                                                          []ui.Option
	Failed                                                             bool
	Number, Platform, Connection, Kind, Size, Received, State, Caption string
	Rows                                                               []deliveryView
	Empty                                                              *ui.Empty
	Next                                                               *ui.Link
}

// deliveries shows the operator what arrived: when, how large, understood or not,
// and nothing of what it says.
func (s *Server) deliveries(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	before, _ := strconv.ParseInt(q.Get("before"), 10, 64)
	platform, failed := community.Platform(q.Get("platform")), q.Get("failed") != ""
	list, err := s.Store.RawDeliveries(r.Context(), platform, failed, max(before, 0), deliveriesPerPage+1)
	if err != nil {
		return fmt.Errorf("web: deliveries: %w", err)
	}
	l := s.locale(r)
	v := deliveriesView{
		Page: s.settingsFrame(r, "deliveries", l.T("deliveries")), Action: "/admin/deliveries", Failed: failed, FailedLabel: l.T("deliveries.failed"),
		PlatformLabel: l.T("deliveries.platform"), Find: l.T("ui.apply"),
		Head:   ui.Head{Eyebrow: l.T("deliveries.operator"), Title: l.T("deliveries.title"), Lede: words(l.T("deliveries.lede"))},
		Number: l.T("deliveries.number"), Platform: l.T("deliveries.platform"), Connection: l.T("deliveries.connection"), Kind: l.T("deliveries.kind"),
		Size: l.T("deliveries.size"), Received: l.T("deliveries.received"), State: l.T("deliveries.state"), Caption: l.T("deliveries"),
		Platforms: []ui.Option{{Value: "", Label: l.T("deliveries.all"), Current: platform == ""}},
	}
	for _, c := range s.Connectors {
		v.Platforms = append(v.Platforms, ui.Option{Value: string(c.Platform()), Label: c.Name(), Current: c.Platform() == platform})
	}
	for _, d := range list[:min(len(list), deliveriesPerPage)] {
		row := deliveryView{
			ID: l.Int(d.ID), Platform: s.sourceName(l, d.Platform), Connection: fmt.Sprintf("%d/%d/%d", d.Organisation, d.Community, d.Connection),
			Kind: d.Kind, Size: l.Bytes(int64(d.Bytes)), Received: l.DateTime(d.Received.UTC()),
			State: l.T("deliveries.waits"), Tone: ui.Neutral, Icon: ui.IconClock,
		}
		switch {
		case d.Failure != "":
			row.State, row.Tone, row.Icon = l.T("deliveries.refused", "reason", d.Failure), ui.Bad, ui.IconError
		case !d.Drained.IsZero():
			row.State, row.Tone, row.Icon = l.T("deliveries.read", "time", l.Duration(max(d.Drained.Sub(d.Received), time.Second))), ui.Good, ui.IconCheck
		}
		v.Rows = append(v.Rows, row)
	}
	if len(v.Rows) == 0 {
		v.Empty = &ui.Empty{Lead: l.T("deliveries.none"), Text: l.T("deliveries.none.text")}
	}
	if len(list) > deliveriesPerPage {
		more := url.Values{"before": {idText(list[deliveriesPerPage-1].ID)}, "platform": {string(platform)}}
		if failed {
			more.Set("failed", "on")
		}
		v.Next = &ui.Link{Label: l.T("pager.next"), URL: "/admin/deliveries?" + more.Encode()}
	}
	return s.render(w, r, http.StatusOK, deliveriesPage(v))
}
