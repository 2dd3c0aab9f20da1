package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTable maps the columns of a table of orders, reads it, and audits the pages
// on the way, the one with what is missing among them.
func TestTable(t *testing.T) {
	ctx := browser(t)
	s := start(t)
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	enter(t, ctx, s)
	path := filepath.Join(t.TempDir(), "commandes.csv")
	content := "Commande;Date;Client;Adresse e-mail;Total TTC;Livraison;Pays;Note\n" +
		"1001;31/01/2024 18:05;7;zoe@exemple.fr;126,00 €;6,00 €;France;merci\n1002;01/02/2024 09:12;8;jean@exemple.fr;1 260,50 €;0,00 €;Belgique;\n" +
		"1003;32/02/2024 11:00;9;lea@exemple.fr;12,00 €;0,00 €;France;\n1004;03/02/2024 16:40;7;zoe@exemple.fr;douze;0,00 €;France;\n"
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	do(t, ctx,
		chromedp.Navigate(s.url+"/start"),
		chromedp.SendKeys(chromedp.CSS(`input[name=name]`), "Atelier Test"),
		chromedp.SetUploadFiles(chromedp.CSS(`input[type=file]`), []string{path}),
		chromedp.Click(chromedp.CSS(`form[enctype] button[type=submit], form[enctype] button:not([type])`)),
		chromedp.WaitVisible(chromedp.CSS(`main a[href$="/imports/1/mapping"]`)), // pushed by the server when it asks
	)
	audit(t, ctx, s, "/communities/1/imports/1")
	audit(t, ctx, s, "/communities/1/imports/1/mapping")
	start := chromedp.Click(chromedp.CSS(`button[name=do][value=start]`))
	do(t, ctx,
		chromedp.Navigate(s.url+"/communities/1/imports/1/mapping"), start,
		chromedp.WaitVisible(chromedp.CSS(`#f-rate-m`)), // says what is missing
	)
	if found := violations(t, ctx); len(found) > 0 {
		t.Errorf("the page with what is missing: %v", found)
	}
	keepPicture(t, ctx, "mapping missing 1440 light")
	do(t, ctx,
		chromedp.SendKeys(chromedp.CSS(`#f-rate`), "20"),
		chromedp.SetValue(chromedp.CSS(`#f-currency`), "EUR"),
		chromedp.Click(chromedp.CSS(`button[name=do][value=check]`)),
		chromedp.WaitVisible(chromedp.CSS(`main .banner.watch`)),
	)
	keepPicture(t, ctx, "mapping checked 1440 light")
	do(t, ctx, start, chromedp.WaitVisible(chromedp.CSS(`main a[href$="/imports/1/undo"]`)))
	for _, path := range []string{"/communities/1/imports/1", "/communities/1/imports/1/refusals", "/communities/1/imports/1/undo"} {
		audit(t, ctx, s, path)
	}
	do(t, ctx, chromedp.Navigate(s.url+"/communities/1/imports/1/undo"), chromedp.Click(chromedp.CSS(`form .btn.danger, form button.danger`)),
		chromedp.WaitVisible(chromedp.CSS(`main .banner.watch`)))
	audit(t, ctx, s, "/communities/1/imports/1")
}
