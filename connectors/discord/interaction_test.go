package discord_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/discord"
)

// endpoint serves Receive as the product does.
func endpoint(t *testing.T, app connectors.App, spoil func(*http.Request)) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		spoil(r)
		d, err := discord.NewHurried().Receive(app, r, func(string) bool { return false })
		var unreadable *connectors.RefusedError
		switch {
		case errors.Is(err, connectors.ErrSignature):
			w.WriteHeader(http.StatusUnauthorized)
		case errors.As(err, &unreadable):
			w.WriteHeader(http.StatusBadRequest)
		case err != nil || len(d.Parcels)+len(d.Notices) > 0:
			w.WriteHeader(http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", d.AnswerType)
			_, _ = w.Write(d.Answer)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestLinkCommand(t *testing.T) {
	t.Parallel()
	p := newPlace(t, quick())
	app := appOf(p.Server)
	app.SigningSecret = p.PublicKey
	app.Options["link_base"] = "https://foyer.example/link"
	if _, err := discord.NewHurried().Install(t.Context(), app, sentBack(t, p.Server, app, p.guild), ""); err != nil {
		t.Fatal(err)
	}
	address := endpoint(t, app, func(*http.Request) {})
	for locale, word := range map[string]string{"fr": "Reliez", "fr-FR": "Reliez", "en-GB": "Connect", "": "Connect", "de": "Connect"} {
		text, err := p.Interact(t.Context(), address, p.guild, p.people[0], "link", locale)
		if err != nil || !strings.HasPrefix(text, word) || !strings.HasSuffix(text, "https://foyer.example/link?account="+p.guild+"&platform=discord") {
			t.Errorf("%q: %q, %v", locale, text, err)
		}
		if strings.Contains(text, p.people[0]) {
			t.Error("the link names the member")
		}
	}
	if text, err := p.Interact(t.Context(), address, "", p.people[0], "link", "en"); err != nil || !strings.Contains(text, "server") {
		t.Errorf("outside a server: %q, %v", text, err)
	}
	if text, err := p.Interact(t.Context(), address, p.guild, p.people[0], "other", "en"); err != nil || strings.Contains(text, "foyer.example") {
		t.Errorf("another sub-command: %q, %v", text, err)
	}
	if raw, err := p.Call(t.Context(), address, map[string]any{"type": 1}); err != nil || string(raw) != `{"type":1}` {
		t.Errorf("ping: %s, %v", raw, err)
	}
}

func TestInteractionSignature(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spoil func(*http.Request)
		app   func(*connectors.App)
	}{
		"no signature":    {spoil: func(r *http.Request) { r.Header.Del("X-Signature-Ed25519") }},
		"not hexadecimal": {spoil: func(r *http.Request) { r.Header.Set("X-Signature-Ed25519", "zz") }},
		"another time":    {spoil: func(r *http.Request) { r.Header.Set("X-Signature-Timestamp", "1700000000") }},
		"no key":          {app: func(a *connectors.App) { a.SigningSecret = "" }},
		"another key":     {app: func(a *connectors.App) { a.SigningSecret = strings.Repeat("ab", 32) }},
		"too late": {app: func(a *connectors.App) {
			a.Now = func() time.Time { return time.Now().Add(6 * time.Minute) }
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, quick())
			app := appOf(p.Server)
			app.SigningSecret = p.PublicKey
			if c.app != nil {
				c.app(&app)
			}
			if c.spoil == nil {
				c.spoil = func(*http.Request) {}
			}
			_, err := p.Call(t.Context(), endpoint(t, app, c.spoil), map[string]any{"type": 1})
			if err == nil || !strings.Contains(err.Error(), "401") {
				t.Errorf("Call = %v", err)
			}
		})
	}
}
