package e2e

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSettings fills an organisation and audits every page of its settings.
func TestSettings(t *testing.T) {
	ctx := browser(t)
	s := start(t)
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	enter(t, ctx, s)
	furnish(t, s)
	for _, path := range []string{
		"/settings/profile", "/settings/organisation", "/settings/team", "/settings/team/1", "/settings/communities", "/settings/communities/1",
		"/settings/clients/1", "/settings/keys", "/settings/keys/new", "/settings/keys/1/revoke", "/settings/audit", "/settings/audit?q=nowhere",
		"/settings/organisations", "/settings/outbox", "/settings/outbox/1",
	} {
		audit(t, ctx, s, path)
	}

	// By keyboard: a key is made, shown, and copied where the browser allows it.
	do(t, ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(s.url+"/settings/keys/new"))
	tabTo(t, ctx, `input[name=name]`)
	do(t, ctx, chromedp.KeyEvent("Tableau du lundi"))
	tabTo(t, ctx, `main form button`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(`#secret`)))
	for _, violation := range violations(t, ctx) {
		t.Errorf("the new key: %s", violation)
	}
	keepPicture(t, ctx, "key made")
	if key := evaluate[string](t, ctx, `document.querySelector("#secret").textContent`); !regexp.MustCompile(`^foyer_[A-Za-z0-9_-]{43}$`).MatchString(key) {
		t.Errorf("the key is %d characters long", len(key))
	}

	// A colour that cannot be read is refused by the field, with one that can.
	do(t, ctx, chromedp.Navigate(s.url+"/settings/organisation"))
	evaluate[bool](t, ctx, `document.querySelector("[name=brand_colour]").value = "#ff8800", document.querySelector("[name=brand_ink]").value = "#ffffff", document.querySelector("main form").requestSubmit(), true`)
	do(t, ctx, chromedp.WaitVisible(chromedp.CSS(`[name=take]`)))
	for _, violation := range violations(t, ctx) {
		t.Errorf("the refused colour: %s", violation)
	}
	keepPicture(t, ctx, "colour refused")
}

// furnish makes an agency with a community, a client, a logo, an invitation and a key.
func furnish(t *testing.T, s site) {
	t.Helper()
	client := signedIn(t, s)
	send := func(path, kind string, body io.Reader) {
		t.Helper()
		res, err := client.Post(s.url+path, kind, body)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Fatalf("%s answers %d\n%.500s", path, res.StatusCode, answer)
		}
	}
	post := func(path string, v url.Values) {
		t.Helper()
		send(path, "application/x-www-form-urlencoded", strings.NewReader(v.Encode()))
	}
	file := func(path, field, name string, data []byte, fields url.Values) {
		t.Helper()
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for k := range fields {
			_ = w.WriteField(k, fields.Get(k))
		}
		part, err := w.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(data)
		w.Close()
		send(path, w.FormDataContentType(), &b)
	}
	data, err := os.ReadFile(export(t))
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewNRGBA(image.Rect(0, 0, 120, 60))
	for i := range m.Bounds().Dx() * m.Bounds().Dy() {
		m.Set(i%120, i/120, color.NRGBA{uint8(i % 120), 80, 160, 255})
	}
	var logo bytes.Buffer
	if err := png.Encode(&logo, m); err != nil {
		t.Fatal(err)
	}
	file("/communities", "files", "chat.json", data, url.Values{"name": {"Atelier Lisière"}, "zone": {"Europe/Paris"}})
	post("/settings/organisation", url.Values{
		"name": {"Agence Lisière"}, "kind": {"agency"}, "zone": {"Europe/Paris"}, "fiscal": {"1"}, "currency": {"EUR"}, "week": {"1"}, "language": {"fr"}, "brand_colour": {"#1d5480"},
	})
	file("/settings/organisation/logo", "logo", "logo.png", logo.Bytes(), nil)
	post("/settings/communities", url.Values{"name": {"Maison Brune"}})
	post("/settings/communities/1", url.Values{"name": {"Atelier Lisière"}, "zone": {"Europe/Paris"}, "client": {"1"}})
	post("/settings/team", url.Values{"email": {"ines@client.example"}, "role": {"guest"}, "community": {"1"}, "language": {"en"}})
	post("/settings/keys/new", url.Values{"name": {"Tableau"}, "scope": {"communities.view", "people.view"}, "days": {"90"}})
	post("/settings/outbox/test", nil)
}
