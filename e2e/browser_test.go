package e2e

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

//go:embed testdata/axe.min.js
var axe string

// do runs steps and fails with what the browser shows.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, step := range steps {
		limited, cancel := context.WithTimeout(ctx, 45*time.Second)
		err := chromedp.Do(limited, step)
		cancel()
		if err != nil {
			body, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText.slice(0, 800)`))
			t.Fatalf("step %d: %v\n%s", i+1, err, body)
		}
	}
}

func evaluate[T any](t *testing.T, ctx context.Context, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", script[:min(80, len(script))], err)
	}
	return v
}

// TestVisitor goes the whole way: the first page, an upload, its progress, the
// overview; then every page is audited in both widths, themes and languages.
func TestVisitor(t *testing.T) {
	ctx := browser(t)
	s := start(t)
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	audit(t, ctx, s, "/welcome")
	enter(t, ctx, s)
	audit(t, ctx, s, "/start")

	do(t, ctx,
		chromedp.Navigate(s.url+"/start"),
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "Atelier Test"),
		chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{export(t)}),
		chromedp.Click(chromedp.CSS(`form[enctype] button[type=submit], form[enctype] button:not([type])`)),
		chromedp.WaitVisible(chromedp.CSS(`main a[href$="/communities/1"]`)), // pushed by the server when the import is done
	)
	settledFigures(t, s)
	for _, path := range []string{
		"/communities/1", "/communities/1?p=all&team=1", "/communities/1?from=2020-01-01&to=2020-02-01", "/communities/1/import",
		"/communities/1/imports/1", "/communities/1/imports/1/refusals", "/communities/1/team", "/communities/1/connections", "/admin/deliveries", "/settings/privacy", "/communities", "/nowhere", "/settings/privacy?q=a", "/settings/privacy/retention?months=12&audit=24",
		"/settings/privacy/record", "/settings/organisation/delete", "/communities/1/members/1/privacy", "/communities/1/members/1/erase", "/one-time", "/settings/organisations", "/confirm",
	} {
		audit(t, ctx, s, path)
	}
}

// settledFigures waits until the rollups are done.
func settledFigures(t *testing.T, s site) {
	t.Helper()
	settled(t, signedIn(t, s), s.url+"/communities/1", `class="tile`)
}

// audit looks at a page in every form it has: no accessibility violation,
// nothing wider than the screen, nothing refused by the content security policy.
func audit(t *testing.T, ctx context.Context, s site, path string) {
	t.Helper()
	for _, width := range []int64{1440, 390} {
		for _, theme := range []string{"light", "dark"} {
			for _, language := range []string{"fr", "en"} {
				form := fmt.Sprintf("%s %d %s %s", path, width, theme, language)
				do(t, ctx, chromedp.EmulateViewport(width, 900),
					chromedp.Navigate(s.url+"/language?to="+language+"&back="+strings.ReplaceAll(path, "&", "%26")))
				evaluate[string](t, ctx, `document.cookie = "theme=`+theme+`;path=/"`)
				do(t, ctx, chromedp.Navigate(s.url+path))
				if got := evaluate[string](t, ctx, `document.documentElement.lang`); got != language {
					t.Errorf("%s: the page is in %q", form, got)
				}
				if wide := evaluate[int](t, ctx, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); wide > 0 {
					t.Errorf("%s: %d pixels wider than the screen", form, wide)
				}
				if headings := evaluate[int](t, ctx, `document.querySelectorAll("h1").length`); headings != 1 {
					t.Errorf("%s: %d first headings", form, headings)
				}
				for _, violation := range violations(t, ctx) {
					t.Errorf("%s: %s", form, violation)
				}
				keepPicture(t, ctx, form)
			}
		}
	}
}

// violations runs axe-core over the page.
func violations(t *testing.T, ctx context.Context) []string {
	t.Helper()
	evaluate[bool](t, ctx, axe+`;true`)
	report := evaluate[string](t, ctx, `axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html).join(" | "))))`)
	var list []string
	if err := json.Unmarshal([]byte(report), &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// keepPicture writes the page to FOYER_PICTURES, when that is set.
func keepPicture(t *testing.T, ctx context.Context, form string) {
	t.Helper()
	dir := os.Getenv("FOYER_PICTURES")
	if dir == "" {
		return
	}
	shot, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(form), "-")
	if err := os.WriteFile(filepath.Join(dir, strings.Trim(name, "-")+".png"), shot, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestKeyboardAlone creates a community and reaches its pages without a pointer.
func TestKeyboardAlone(t *testing.T) {
	ctx := browser(t)
	s := start(t)
	do(t, ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(s.url+"/"))
	for field, text := range map[string]string{"name": "Zoé Martin", "email": ownerEmail, "password": ownerPassword, "organisation": "Clavier"} {
		tabTo(t, ctx, `input[name=`+field+`]`)
		do(t, ctx, chromedp.KeyEvent(text))
	}
	tabTo(t, ctx, `main button`)
	do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`input[type=file]`)))
	tabTo(t, ctx, `input[name=name]`)
	do(t, ctx, chromedp.KeyEvent("Clavier"))
	// A file dialog belongs to the system: the file is set, the rest is typed.
	do(t, ctx, chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{export(t)}))
	tabTo(t, ctx, `form[enctype] button`)
	do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`main a[href$="/communities/1"]`)))
	settledFigures(t, s)
	tabTo(t, ctx, `main a[href$="/communities/1"]`)
	do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`.tile`)))
	tabTo(t, ctx, `button[popovertarget]`)
	do(t, ctx, chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS(`[popover]:popover-open`)), chromedp.KeyEvent(kb.Escape))
	if open := evaluate[int](t, ctx, `document.querySelectorAll(":popover-open").length`); open != 0 {
		t.Error("Escape does not close a definition")
	}
}

// tabTo presses Tab until what the selector names has the focus.
func tabTo(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	for range 80 {
		do(t, ctx, chromedp.KeyEvent(kb.Tab))
		if evaluate[bool](t, ctx, fmt.Sprintf(`document.activeElement.matches(%q)`, selector)) {
			return
		}
	}
	t.Fatalf("Tab never reaches %s", selector)
}

// TestWithoutScript does with plain requests what a browser does without JavaScript.
func TestWithoutScript(t *testing.T) {
	s := start(t)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	_ = w.WriteField("name", "Sans script")
	_ = w.WriteField("zone", "Europe/Paris")
	part, err := w.CreateFormFile("files", "chat.json")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(export(t))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(data)
	w.Close()
	client := join(t, s)
	res, err := client.Post(s.url+"/communities", w.FormDataContentType(), &form)
	if err != nil {
		t.Fatal(err)
	}
	page, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != http.StatusOK || !strings.Contains(res.Request.URL.Path, "/imports/1") {
		t.Fatalf("%d at %s\n%.500s", res.StatusCode, res.Request.URL, page)
	}
	settled(t, signedIn(t, s), s.url+"/communities/1/imports/1", `href="/communities/1"`)
	settledFigures(t, s)
}
