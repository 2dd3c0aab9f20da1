package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestOperatorSeesJobs opens River's pages, whose script and styles must run under
// their own policy.
func TestOperatorSeesJobs(t *testing.T) {
	ctx := browser(t)
	s := start(t)
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	enter(t, ctx, s)
	do(t, ctx,
		chromedp.Navigate(s.url+"/admin/river"),
		chromedp.WaitVisible(chromedp.CSS(`a[href^="/admin/river/jobs"], a[href^="/admin/river/queues"]`)),
	)
	blocked := evaluate[string](t, ctx, `(async () => {
		const seen = [];
		document.addEventListener("securitypolicyviolation", e => seen.push(e.violatedDirective + " " + e.blockedURI));
		document.querySelector('a[href^="/admin/river/queues"]').click();
		await new Promise(r => setTimeout(r, 1500));
		return seen.join(", ") + "|" + location.pathname + "|" + document.body.innerText.includes("default");
	})()`)
	if blocked != "|/admin/river/queues|true" {
		t.Errorf("violations|place|queues: %s", blocked)
	}
	if dir := os.Getenv("FOYER_PICTURES"); dir != "" {
		picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "jobs.png"), picture, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
