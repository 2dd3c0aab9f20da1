package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// platformScript stands for the platform's own: it opens a dialog that posts what
// the real one posts, and tries meanwhile what a foreign script must not be able to.
const platformScript = `
window.stolen = "";
fetch("/settings/privacy").then(() => stolen += "read ", () => stolen += "refused ");
(() => { const f = document.createElement("iframe"); f.title = "foreign"; f.src = "/settings/privacy"; document.body.append(f);
	f.addEventListener("load", () => { try { stolen += f.contentDocument.body.innerText.trim() ? "embedded " : "empty "; } catch { stolen += "closed "; } }); })();
window.FB = {
	init(o) { window.inited = o.appId + " " + o.version; },
	login(done, o) {
		addEventListener("message", (e) => { if (e.origin === BASE && e.data.code) done({ authResponse: { code: e.data.code } }); });
		open(BASE + "/dialog?config=" + o.config_id, "dialog", "width=500,height=600");
	},
};
fbAsyncInit();`

const platformDialog = `<!doctype html><title>dialog</title><script>
opener.postMessage(JSON.stringify({ type: "WA_EMBEDDED_SIGNUP", event: "FINISH", data: { waba_id: "111", phone_number_id: "222" } }), "*");
opener.postMessage({ code: "from-the-dialog" }, "*");
setTimeout(close, 300);
</script>`

// TestPlatformsScript connects by a dialog that the platform's own script opens. A
// message from elsewhere counts for nothing, and the script sees nothing of Foyer.
func TestPlatformsScript(t *testing.T) {
	ctx := browser(t)
	var mu sync.Mutex
	var asked []string
	var base string
	platform := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked = append(asked, r.URL.String())
		mu.Unlock()
		switch r.URL.Path {
		case "/sdk.js":
			w.Header().Set("Content-Type", "text/javascript")
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			fmt.Fprint(w, strings.ReplaceAll(platformScript, "BASE", `"`+base+`"`))
		case "/dialog":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, platformDialog)
		default: // the code is not one that it gave
			w.Header().Set("Content-Type", "application/json; charset=UTF-8")
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"error":{"message":"invalid","type":"OAuthException","code":100,"fbtrace_id":"A"}}`)
		}
	}))
	defer platform.Close()
	base = platform.URL
	s := start(t, "FOYER_WHATSAPP_APP_ID=42", "FOYER_WHATSAPP_APP_SECRET=secret", "FOYER_WHATSAPP_VERIFY_TOKEN=verify", "FOYER_WHATSAPP_CONFIG_ID=c7",
		"FOYER_WHATSAPP_BASE="+base, "FOYER_WHATSAPP_PAGE_SCRIPT=1")
	enter(t, ctx, s)
	do(t, ctx,
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "Atelier Test"),
		chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{export(t)}),
		chromedp.Click(chromedp.CSS(`form[enctype] button[type=submit], form[enctype] button:not([type])`)),
		chromedp.WaitVisible(chromedp.CSS(`main a[href$="/communities/1"]`)),
		chromedp.Navigate(s.url+"/communities/1/connect/whatsapp"),
		chromedp.WaitVisible(chromedp.CSS(`[data-dialog] button:enabled`)),
	)
	// The page itself is not an origin that is believed.
	where := evaluate[string](t, ctx, `(async () => {
		postMessage(JSON.stringify({ type: "WA_EMBEDDED_SIGNUP", event: "CANCEL" }), "*");
		await new Promise((r) => setTimeout(r, 800));
		return location.pathname + "|" + inited + "|" + stolen.trim().split(" ").filter((w) => w === "read" || w === "embedded").join() + "|" + stolen.includes("refused");
	})()`)
	if where != "/communities/1/connect/whatsapp|42 v25.0||true" {
		t.Errorf("place|application|what was read|asking is refused: %s", where)
	}
	if got := violations(t, ctx); len(got) > 0 {
		t.Errorf("accessibility: %v", got)
	}
	do(t, ctx,
		chromedp.Click(chromedp.CSS(`[data-dialog] button`)),
		chromedp.WaitVisible(chromedp.CSS(`main a[href$="/connect/whatsapp"]`)), // "start again"
	)
	mu.Lock()
	defer mu.Unlock()
	list := strings.Join(asked, "\n")
	if !strings.Contains(list, "/dialog?config=c7") || !strings.Contains(list, "code=from-the-dialog") {
		t.Errorf("the platform was asked\n%s", list)
	}
	if place := evaluate[string](t, ctx, `location.pathname + location.search.replace(/state=[^&]+/, "state")`); place != "/connect/whatsapp/callback?state&code=from-the-dialog&event=FINISH&waba_id=111&phone_number_id=222" {
		t.Errorf("the script led to %s", place)
	}
}
