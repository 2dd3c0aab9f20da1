package mail_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/mail/mailtest"
	"github.com/foyer-app/foyer/web/i18n"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sample fills every field, so that a golden file shows all a message can say.
func sample(l i18n.Locale) mail.Data {
	zone := time.FixedZone("CEST", 2*3600)
	d := mail.Data{
		To: "camille@client.example", ToName: "Camille Durand", Link: "https://foyer.example/go/7Qd2?next=%2Foverview&a=b",
		Person: "Inès Ferrand", Organisation: "Atelier Lisière", Community: "Les Tisserands", Role: "analyst",
		Address: "c.durand@client.example", Key: "Tableau de bord", Contents: "Les Tisserands, 2026", Bytes: 12_400_000,
		Browser: "Firefox, Linux", Place: "Lyon, France", At: time.Date(2026, 10, 5, 7, 40, 0, 0, zone),
		Until: time.Date(2026, 10, 12, 18, 0, 0, 0, zone), Valid: 15 * time.Minute, On: true,
	}
	if l == i18n.French {
		d.Role = "analyste"
	}
	return d
}

type letterCase struct {
	name string
	kind mail.Kind
	data func(*mail.Data)
}

func letterCases() []letterCase {
	var list []letterCase
	for _, k := range mail.Kinds() {
		list = append(list, letterCase{string(k), k, func(*mail.Data) {}})
	}
	return append(
		list,
		letterCase{"two_factor_changed.off", mail.TwoFactorChanged, func(d *mail.Data) { d.On = false }},
		letterCase{"new_device.bare", mail.NewDevice, func(d *mail.Data) { *d = mail.Data{To: d.To, At: d.At} }},
		letterCase{"verify_address.day", mail.VerifyAddress, func(d *mail.Data) { d.Valid = 24 * time.Hour }},
		letterCase{"invitation.brand", mail.Invitation, func(d *mail.Data) {
			d.Brand = mail.Brand{
				Name: "Studio Marée", Sender: "Studio Marée", Colour: "#0f3d2e", Ink: "#ffffff",
				LogoURL: "https://maree.example/logo.png", Footer: "Studio Marée, 3 quai des Chantiers, Nantes",
			}
		}},
	)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, c := range letterCases() {
		for _, l := range i18n.Locales() {
			d := sample(l)
			c.data(&d)
			m, err := mail.Render(c.kind, l, d)
			if err != nil {
				t.Errorf("%s %v: %v", c.name, l, err)
				continue
			}
			head := fmt.Sprintf("Subject: %s\nTo: %s <%s>\nFrom: %s\nLanguage: %s\n\n", m.Subject, m.ToName, m.To, m.FromName, m.Language)
			golden(t, c.name+"."+l.String()+".txt", head+m.Text)
			golden(t, c.name+"."+l.String()+".html", m.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Errorf("%v (go test -update writes it)", err)
	} else if got != string(want) {
		t.Errorf("%s differs:\n%s", name, got)
	}
}

// TestNoGoldenIsLeftOver: a file that no case writes tests nothing.
func TestNoGoldenIsLeftOver(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) != len(letterCases())*len(i18n.Locales())*2 {
		t.Errorf("%d files for %d cases (%v)", len(files), len(letterCases()), err)
	}
}

// unknownKey is a key of the catalogue that was printed in place of its sentence.
var unknownKey = regexp.MustCompile(`(?m)(^|[ :(])mail\.[a-z]`)

// TestCopy keeps the rules of the design for every sentence of the catalogue, in every message.
func TestCopy(t *testing.T) {
	t.Parallel()
	for _, c := range letterCases() {
		for _, l := range i18n.Locales() {
			d := sample(l)
			c.data(&d)
			m, err := mail.Render(c.kind, l, d)
			if err != nil {
				t.Fatal(err)
			}
			all := m.Subject + m.Text
			for _, bad := range []string{"!", "{", "}", "<no value>", "  ", "\n\n\n", "ZgotmplZ"} {
				if strings.Contains(all, bad) || unknownKey.MatchString(all) {
					t.Errorf("%s %v says %q:\n%s", c.name, l, bad, all)
				}
			}
			if strings.Contains(m.HTML, "ZgotmplZ") || !strings.Contains(m.HTML, `<html lang="`+l.String()+`"`) {
				t.Errorf("%s %v: a colour or the language is missing", c.name, l)
			}
			if l == i18n.French && (strings.Contains(all, " ?") || strings.Contains(all, " :") || strings.Contains(all, "'")) {
				t.Errorf("%s: a space or an apostrophe is not French:\n%s", c.name, all)
			}
			if n := len([]rune(m.Subject)); n > 80 {
				t.Errorf("%s %v: the subject has %d characters", c.name, l, n)
			}
		}
	}
}

// TestCatalogue: every sentence below mail. is used by a kind, and every kind finds its own in all languages.
func TestCatalogue(t *testing.T) {
	t.Parallel()
	for _, l := range i18n.Locales() {
		used := mail.CatalogueKeys()
		for key := range used {
			if !l.Has(key) {
				t.Errorf("%v has no %s", l, key)
			}
		}
		for _, key := range l.Keys() {
			if strings.HasPrefix(key, "mail.") && !used[key] {
				t.Errorf("%v: nothing uses %s", l, key)
			}
		}
	}
}

// TestTwins: text and HTML say the same.
func TestTwins(t *testing.T) {
	t.Parallel()
	for _, c := range letterCases() {
		for _, l := range i18n.Locales() {
			d := sample(l)
			c.data(&d)
			m, err := mail.Render(c.kind, l, d)
			if err != nil {
				t.Fatal(err)
			}
			seen := strings.Join(strings.Fields(visible(t, m.HTML)), " ")
			for _, line := range strings.Split(m.Text, "\n") {
				_, value, isFact := strings.Cut(strings.ReplaceAll(line, "\u00a0: ", ": "), ": ")
				line = strings.Join(strings.Fields(line), " ")
				if line == "--" || line == "" || strings.Contains(seen, line) || isFact && strings.Contains(seen, strings.Join(strings.Fields(value), " ")) {
					continue
				}
				t.Errorf("%s %v: the HTML does not say %q:\n%s", c.name, l, line, seen)
			}
		}
	}
}

// visible is the text of a page, and its links.
func visible(t *testing.T, page string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "style" && n.Parent.Data != "title" {
			b.WriteString(n.Data + " ")
		}
	}
	return b.String()
}

const hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"' style='x' {{.Link}} {person} \r\nBcc: all@client.example\n\u202egnp.exe\u2028 http://evil.example/ \x00\xff</style></title>"

func TestHostileData(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t)
	smtp := transport(t, s.URL(), s)
	for _, k := range mail.Kinds() {
		for _, l := range i18n.Locales() {
			h := hostile + strings.Repeat("A", 10_000)
			d := sample(l)
			d.ToName, d.Person, d.Organisation, d.Community, d.Role, d.Address, d.Key, d.Contents, d.Browser, d.Place = h, h, h, h, h, h, h, h, h, h
			d.Brand = mail.Brand{Name: h, Sender: h, Colour: "red;} body{display:none", Ink: h, LogoURL: "javascript:alert(1)", Footer: h}
			m, err := mail.Render(k, l, d)
			if err != nil {
				t.Fatal(err)
			}
			checkHarmless(t, k, m)
			if err := smtp.Send(t.Context(), m); err != nil {
				t.Errorf("%s: %v", k, err)
			}
		}
	}
	for _, m := range s.Messages() {
		if m.Header.Get("Bcc") != "" || len(m.To) != 1 {
			t.Errorf("a name added a recipient: %v", m.Header)
		}
	}
}

func checkHarmless(t *testing.T, k mail.Kind, m mail.Message) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(m.HTML))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "script", "img", "iframe", "form", "input", "link", "base", "svg":
			t.Errorf("%s has an element %s", k, n.Data)
		}
		for _, a := range n.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "href" && a.Val != sample(i18n.English).Link {
				t.Errorf("%s: <%s %s=%q>", k, n.Data, a.Key, a.Val)
			}
		}
	}
	for _, text := range []string{m.Subject, m.FromName, m.ToName, m.Text, m.HTML} {
		if strings.ContainsFunc(text, func(r rune) bool {
			return r == '\u202e' || r == '\u2028' || unicode.IsControl(r) && r != '\n' || r == unicode.ReplacementChar
		}) {
			t.Errorf("%s keeps a control character: %q", k, text)
		}
		if strings.Contains(text, "http://evil") || strings.Contains(text, "\nBcc:") {
			t.Errorf("%s: %q", k, text)
		}
	}
	if len(m.Subject) > 1000 || len(m.HTML) > 40_000 || strings.Contains(m.Subject, "\n") {
		t.Errorf("%s: subject %d bytes, HTML %d bytes", k, len(m.Subject), len(m.HTML))
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	full := sample(i18n.English)
	for _, tt := range []struct {
		name  string
		kind  mail.Kind
		spoil func(*mail.Data)
		want  string
	}{
		{"recipient", mail.Test, func(d *mail.Data) { d.To = "" }, "mail: render test: To is missing"},
		{"link", mail.MagicLink, func(d *mail.Data) { d.Link = "" }, "Link is missing"},
		{"length", mail.ResetPassword, func(d *mail.Data) { d.Valid = 59 * time.Second }, "Valid is missing"},
		{"only controls", mail.Removed, func(d *mail.Data) { d.Person = "\u202e\n" }, "Person is missing"},
		{"moment", mail.NewDevice, func(d *mail.Data) { d.At = time.Time{} }, "At is missing"},
		{"end", mail.Invitation, func(d *mail.Data) { d.Until = time.Time{} }, "Until is missing"},
		{"script", mail.MagicLink, func(d *mail.Data) { d.Link = "javascript:s3cret" }, "the link is not a web address"},
		{"path", mail.MagicLink, func(d *mail.Data) { d.Link = "/s3cret" }, "the link is not a web address"},
		{"break", mail.MagicLink, func(d *mail.Data) { d.Link = "https://a.example/s3cret\r\nx" }, "the link is not a web address"},
		{"space", mail.MagicLink, func(d *mail.Data) { d.Link = "https://a.example/s3cret x" }, "the link is not a web address"},
		{"kind", "birthday", func(*mail.Data) {}, "there is no such kind"},
	} {
		d := full
		tt.spoil(&d)
		m, err := mail.Render(tt.kind, i18n.English, d)
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "s3cret") || m.HTML != "" {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestBrandColours(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, colour, ink, want, without string }{
		{"given", "#0f3d2e", "#fefefe", "background:#0f3d2e", "background:#1d2830"},
		{"white is chosen", "#0F3D2E", "", "color:#ffffff", "background:#1d2830"},
		{"black is chosen", "#fada99", "", "color:#1d2830; font-weight:600; text-decoration", "background:#1d2830"},
		{"too pale together", "#fada99", "#ffffff", "background:#1d2830", "#fada99"},
		{"no colour", "red", "", "background:#1d2830", "red;"},
		{"short", "#fff", "", "background:#1d2830", "#fff;"},
		{"not hexadecimal", "#00000g", "", "background:#1d2830", "#00000g"},
		{"sign", "#+00000", "", "background:#1d2830", "#+00000"},
	} {
		d := sample(i18n.English)
		d.Brand = mail.Brand{Colour: tt.colour, Ink: tt.ink}
		m, err := mail.Render(mail.MagicLink, i18n.English, d)
		if err != nil {
			t.Fatal(err)
		}
		_, body, _ := strings.Cut(m.HTML, "<body")
		if !strings.Contains(body, tt.want) || strings.Contains(body, tt.without) {
			t.Errorf("%s: want %q and not %q:\n%s", tt.name, tt.want, tt.without, body)
		}
	}
}

// TestLogo: a picture comes encrypted or not at all, and its place is taken by mark and name.
func TestLogo(t *testing.T) {
	t.Parallel()
	for logo, shown := range map[string]bool{
		"https://maree.example/logo.png": true, "http://maree.example/logo.png": false, "data:image/png;base64,AA": false, "/logo.png": false, "": false,
	} {
		d := sample(i18n.English)
		d.Brand = mail.Brand{Name: "Studio", LogoURL: logo}
		m, err := mail.Render(mail.Test, i18n.English, d)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m.HTML, "<img") != shown || strings.Contains(m.HTML, `class="mark"`) == shown {
			t.Errorf("logo %q:\n%s", logo, m.HTML)
		}
	}
}
