package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"github.com/foyer-app/foyer/internal/courier"
	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web/i18n"
)

// firstMark is the first of marks that a browser's description holds.
func firstMark(agent string, marks ...[2]string) string {
	for _, m := range marks {
		if strings.Contains(agent, m[0]) {
			return m[1]
		}
	}
	return ""
}

// browserOf names browser and system: "Firefox, Linux"; "" for what is unknown. The
// order matters: nearly all call themselves Safari and Chrome as well.
func browserOf(agent string) string {
	browser := firstMark(agent, [][2]string{
		{"Edg/", "Edge"},
		{"EdgA/", "Edge"},
		{"EdgiOS/", "Edge"},
		{"OPR/", "Opera"},
		{"Vivaldi/", "Vivaldi"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chromium/", "Chromium"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
		{"curl/", "curl"},
	}...)
	system := firstMark(agent, [][2]string{
		{"iPhone", "iOS"}, {"iPad", "iPadOS"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "ChromeOS"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"},
	}...)
	switch {
	case browser == "":
		return system
	case system == "":
		return browser
	}
	return browser + ", " + system
}

// network is what of an address stays the same for one household or office.
func network(address string) string {
	if i := strings.LastIndexByte(address, '.'); i > 0 {
		return address[:i]
	}
	return httprate.CanonicalizeIP(address) // IPv6: the first half
}

// language is the one that letters to a person are written in.
func (s *Server) language(r *http.Request, u store.User) i18n.Locale {
	if l, ok := i18n.Parse(u.Language); ok {
		return l
	}
	return s.locale(r)
}

// letter begins a letter to a person about what happens now, in this browser.
func (s *Server) letter(r *http.Request, u store.User, kind mail.Kind) courier.Letter {
	return courier.Letter{
		User: u.ID, Kind: kind, Locale: s.language(r, u), Data: mail.Data{
			To: u.Email, ToName: u.Name, Browser: browserOf(r.UserAgent()), Place: address(r), At: s.Now().In(zoneOf(actor(r).Seat.Organisation)),
		},
	}
}

// tell writes to a person that their account changed.
func (s *Server) tell(r *http.Request, u store.User, kind mail.Kind, more func(*mail.Data)) error {
	n := s.letter(r, u, kind)
	n.Data.Link = s.linkTo(r, "/settings/security")
	if more != nil {
		more(&n.Data)
	}
	return s.Post.Post(context.WithoutCancel(r.Context()), n)
}

// noteDevice writes to a person who signed in from where they never did before.
func (s *Server) noteDevice(r *http.Request, u store.User) error {
	fingerprint := s.Accounts.Ring.MAC("device", []byte(browserOf(r.UserAgent())), []byte(network(address(r))))
	fresh, first, err := s.Store.SeeDevice(r.Context(), u.ID, fingerprint)
	if err != nil || !fresh || first {
		return err
	}
	if err := s.tell(r, u, mail.NewDevice, nil); err != nil {
		return fmt.Errorf("web: note device: %w", err)
	}
	return nil
}

// zoneOf is an organisation's time zone, or UTC.
func zoneOf(o store.Organisation) *time.Location {
	if zone := parseZone(o.TimeZone); zone != nil {
		return zone
	}
	return time.UTC
}
