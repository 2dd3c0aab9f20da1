package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestSample goes from the first page to the figures of the sample data, in two
// presses of a button, and out again.
func TestSample(t *testing.T) {
	ctx := browser(t)
	s := start(t)
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	enter(t, ctx, s)
	do(t, ctx,
		chromedp.Navigate(s.url+"/start"),
		chromedp.Click(chromedp.CSS(`form[action="/sample"] button`)),
		chromedp.WaitVisible(chromedp.CSS(`main a[href$="/communities/1"]`)), // pushed by the server when the import is done
	)
	settledFigures(t, s)
	for _, path := range []string{"/communities/1", "/communities/1/imports/1", "/sample/remove"} {
		audit(t, ctx, s, path)
	}
	do(t, ctx,
		chromedp.EmulateViewport(390, 900),
		chromedp.Navigate(s.url+"/communities/1"),
		chromedp.Click(chromedp.CSS(`form[action="/sample/leave"] button`)),
		chromedp.WaitVisible(chromedp.CSS(`form[action="/sample"] button`)), // the start page of one's own organisation
		chromedp.Navigate(s.url+"/sample/remove"),
		chromedp.Click(chromedp.CSS(`main form[action="/sample/remove"] button`)),
		chromedp.WaitVisible(chromedp.CSS(`form[action="/sample"] button`)),
	)
	if page := evaluate[string](t, ctx, `fetch("/settings/organisations").then(r => r.text())`); !strings.Contains(page, "Atelier Test") || strings.Contains(page, "Atelier Lisière") {
		t.Error("the sample is still there, or one's own organisation is not")
	}
}
