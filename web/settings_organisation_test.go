package web

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/internal/store"
)

func TestColours(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"#1D5480": "#1d5480", "1d5480": "#1d5480", " #abc ": "#aabbcc", "": "", "#12345": "", "red": "", "#1d5480;": "", "url(x)": "", "#gggggg": "",
	} {
		if got := parseColour(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for pair, want := range map[[2]string]float64{
		{"#000000", "#ffffff"}: 21, {"#ffffff", "#ffffff"}: 1, {"#767676", "#ffffff"}: 4.54, {"#c24e17", "#ffffff"}: 4.8,
	} {
		if got := contrast(pair[0], pair[1]); got < want-.05 || got > want+.05 {
			t.Errorf("%v: %.2f, want %.2f", pair, got, want)
		}
	}
	if bestInk("#ffdd00") != darkInk || bestInk("#123456") != whiteInk {
		t.Error("the ink that reads best is not chosen")
	}
}

// TestNearestColour: what is proposed passes, and is no farther than it must be.
func TestNearestColour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ colour, ink string }{
		{"#ff8800", "#ffffff"}, {"#777777", "#ffffff"}, {"#000000", "#000000"}, {"#ffffff", "#ffffff"}, {"#808080", "#7f7f7f"}, {"#1d5480", "#1d2830"}, {"#00ff00", "#ff0000"},
	} {
		got := nearestColour(c.colour, c.ink)
		if got == "" || contrast(got, c.ink) < enoughContrast {
			t.Errorf("%v: %q has a contrast of %.2f", c, got, contrast(got, c.ink))
			continue
		}
		for _, to := range []string{"#000000", "#ffffff"} {
			for step := range 256 {
				other := mix(c.colour, to, float64(step)/255)
				if contrast(other, c.ink) >= enoughContrast && distance(other, c.colour) < distance(got, c.colour) {
					t.Fatalf("%v: %s is nearer than %s", c, other, got)
				}
			}
		}
	}
	if got := nearestColour("#123456", "#ffffff"); got != "#123456" {
		t.Errorf("a colour that passes becomes %s", got)
	}
}

func organisationValues(more url.Values) url.Values {
	v := url.Values{
		"name": {"Atelier"}, "kind": {"brand"}, "zone": {"Europe/Paris"}, "fiscal": {"4"}, "currency": {"CHF"}, "week": {"7"}, "language": {"en"},
	}
	for name, values := range more {
		v[name] = values
	}
	return v
}

func TestOrganisationSettings(t *testing.T) {
	s := newSite(t)
	const path = "/settings/organisation"
	s.has(s.page(s.get(path), http.StatusOK), "Atelier se présente ainsi.", "EUR", "janvier", `href="/settings/organisation/delete"`)
	before := s.organisation()
	for name, c := range map[string]struct {
		change url.Values
		says   string
	}{
		"no name":           {url.Values{"name": {" "}}, "Écrivez un nom."},
		"no zone":           {url.Values{"zone": {"Mars/Olympus"}}, "Ce fuseau n'existe pas."},
		"no currency":       {url.Values{"currency": {"XXX"}}, "Cette monnaie n'existe pas."},
		"no colour":         {url.Values{"brand_colour": {"orange"}}, "Ce n'est pas une couleur."},
		"no ink":            {url.Values{"brand_colour": {"#123456"}, "brand_ink": {"expression(1)"}}, "Ce n'est pas une couleur."},
		"faint":             {url.Values{"brand_colour": {"#ff8800"}, "brand_ink": {"#ffffff"}}, "n'est que de 2,3 : 1"},
		"faint and refused": {url.Values{"brand_colour": {"#ff8800"}, "brand_ink": {"#ffffff"}}, "Prendre " + nearestColour("#ff8800", "#ffffff")},
	} {
		s.has(s.page(s.post(path, organisationValues(c.change)), http.StatusUnprocessableEntity), c.says)
		if s.organisation() != before {
			t.Errorf("%s: something was kept", name)
		}
	}
	suggested := nearestColour("#ff8800", "#ffffff")
	a := s.post(path, organisationValues(url.Values{
		"brand_colour": {"#ff8800"}, "brand_ink": {"#fff"}, "take": {suggested},
		"id": {"99"}, "sample": {"on"}, "retain_months": {"1"}, "created_at": {"2000-01-01"}, "logo": {"x"},
	}))
	s.has(s.page(s.follow(a), http.StatusOK), "Enregistré.", "Contraste 4,5 : 1")
	want := before
	want.BrandColour, want.BrandInk, want.Currency, want.FiscalStart, want.WeekStart, want.Language = suggested, "#ffffff", "CHF", 4, 7, "en"
	if got := s.organisation(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// The palette wins where it was changed, the text otherwise.
	s.post(path, organisationValues(url.Values{"brand_colour": {"#111111"}, "brand_colour_was": {"#111111"}, "brand_colour_pick": {"#222222"}}))
	if got := s.organisation(); got.BrandColour != "#222222" || got.BrandInk != whiteInk {
		t.Errorf("palette: %+v", got)
	}
	s.post(path, organisationValues(url.Values{"brand_colour": {""}, "brand_colour_was": {"#222222"}, "brand_colour_pick": {"#222222"}, "brand_ink": {"#ffffff"}}))
	if got := s.organisation(); got.BrandColour != "" || got.BrandInk != "" {
		t.Errorf("emptied: %+v", got)
	}
	s.as(s.colleague(store.RoleAdmin))
	if strings.Contains(s.page(s.get(path), http.StatusOK), "/settings/organisation/delete") {
		t.Error("an admin is led to the deletion")
	}
}

func picture(w, h int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	m.Set(0, 0, color.NRGBA{200, 30, 30, 255})
	return m
}

func encoded(t *testing.T, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// claimed is the beginning of a PNG that says to be that large.
func claimed(w, h uint32, depth byte) []byte {
	var b bytes.Buffer
	b.WriteString("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		_ = binary.Write(&b, binary.BigEndian, uint32(len(data)))
		b.WriteString(name)
		b.Write(data)
		_ = binary.Write(&b, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(name), data...)))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, depth, 6, 0, 0, 0))
	chunk("IDAT", []byte{0x78, 0x9c, 0x63, 0, 0})
	return b.Bytes()
}

func TestReadLogo(t *testing.T) {
	t.Parallel()
	whole := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, picture(900, 300)) })
	hidden := append(bytes.Clone(whole), "<script>alert(1)</script>"...)
	webp, err := base64.StdEncoding.DecodeString("UklGRiQAAABXRUJQVlA4IBgAAAAwAQCdASoBAAEAAwA0JaQAA3AA/vuUAAA=")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"png": whole, "png with a tail": hidden, "webp": webp,
		"jpeg": encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, picture(600, 20), nil) }),
		"gif":  encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, picture(10, 700), nil) }),
	} {
		out, err := readLogo(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c, err := png.DecodeConfig(bytes.NewReader(out))
		if err != nil || max(c.Width, c.Height) > logoKept || c.Width < 1 || c.Height < 1 {
			t.Errorf("%s: %+v, %v", name, c, err)
		}
		if bytes.Contains(out, []byte("script")) {
			t.Errorf("%s: what was hidden is kept", name)
		}
	}
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"svg":            {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>`), errLogoKind},
		"html":           {[]byte("<!doctype html><h1>x"), errLogoKind},
		"nothing":        {nil, errLogoKind},
		"bmp":            {[]byte("BM\x00\x00"), errLogoKind},
		"a sound":        {[]byte("RIFF\x00\x00\x00\x00WAVEfmt "), errLogoBroke},
		"cut":            {whole[:len(whole)/2], errLogoBroke},
		"only a head":    {[]byte("\x89PNG\r\n\x1a\n"), errLogoBroke},
		"wide bomb":      {claimed(60000, 10, 8), errLogoSize},
		"high bomb":      {claimed(10, 60000, 8), errLogoSize},
		"huge bomb":      {claimed(1<<31-1, 1<<31-1, 8), errLogoBroke},
		"deep bomb":      {claimed(4096, 4096, 16), errLogoSize},
		"too many bytes": {append(bytes.Clone(whole), make([]byte, logoBytes)...), errLogoSize},
	} {
		if _, err := readLogo(c.data); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func FuzzReadLogo(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00"))
	f.Add([]byte("RIFF$\x00\x00\x00WEBPVP8 "))
	f.Fuzz(func(t *testing.T, data []byte) {
		if out, err := readLogo(data); err == nil && len(out) == 0 {
			t.Error("an empty picture")
		}
	})
}

// send posts a file as the field of a form.
func (s *site) send(path, field, name string, data []byte) answer {
	s.Helper()
	body := "--X\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"" + name + "\"\r\nContent-Type: image/svg+xml\r\n\r\n" + string(data) + "\r\n--X--\r\n"
	r := s.request("POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=X")
	return s.do(r)
}

func TestLogo(t *testing.T) {
	s := newSite(t)
	const path = "/settings/organisation/logo"
	whole := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, picture(300, 300)) })
	s.has(s.page(s.send(path, "logo", "a.svg", []byte("<svg onload=alert(1)>")), http.StatusUnprocessableEntity), "Ce fichier n'est pas une image que nous lisons.")
	s.has(s.page(s.send(path, "logo", "a.png", claimed(30000, 30000, 8)), http.StatusUnprocessableEntity), "Cette image est trop grande.")
	s.has(s.page(s.send(path, "logo", "a.png", append(bytes.Clone(whole), make([]byte, 2<<20)...)), http.StatusUnprocessableEntity), "Cette image est trop grande.")
	s.has(s.page(s.send(path, "logo", "", nil), http.StatusUnprocessableEntity), "Choisissez d'abord une image.")
	s.page(s.post(path, url.Values{"logo": {"x"}}), http.StatusBadRequest)
	s.has(s.page(s.follow(s.send(path, "logo", "../../etc/passwd", whole)), http.StatusOK), "Le logo est en place.", "Logo actuel")
	o := s.organisation()
	a := s.get(organisationLogo(o))
	h := a.header
	if a.status != http.StatusOK || h.Get("Content-Type") != "image/png" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Cache-Control"), "private, max-age=31536000, immutable") {
		t.Errorf("%d %v", a.status, h)
	}
	if h := s.get("/organisations/" + idText(s.Organisation) + "/logo").header.Get("Cache-Control"); strings.Contains(h, "immutable") {
		t.Errorf("without its hash it is kept for ever: %s", h)
	}
	s.as(s.stranger())
	if a := s.get(organisationLogo(o)); a.status != http.StatusNotFound {
		t.Errorf("a stranger gets %d", a.status)
	}
	s.as(store.User{})
	if a := s.get(organisationLogo(o)); a.status != http.StatusSeeOther {
		t.Errorf("nobody gets %d", a.status)
	}
	s.as(s.owner)
	s.has(s.page(s.follow(s.post(path+"/remove", nil)), http.StatusOK), "Le logo est retiré.")
	if a := s.get(organisationLogo(o)); a.status != http.StatusNotFound || s.organisation().HasLogo {
		t.Errorf("removed, it answers %d", a.status)
	}
}
