package whatsapptest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/foyer-app/foyer/connectors/whatsapp/whatsapptest"
)

// shared is a world whose one number stays in the app, and what asks for its history.
func shared(t *testing.T) (w *whatsapptest.World, n *whatsapptest.Number, ask func(kind string)) {
	t.Helper()
	w = whatsapptest.New(whatsapptest.Options{AppID: "1", AppSecret: "s", VerifyToken: "v", ConfigID: "2", Seed: 1, Share: true})
	n = w.AddNumber("Atelier", "+33 4 65 71 00 00")
	n.Coexistence = true
	token := w.Token(whatsapptest.Permissions(), time.Time{})
	return w, n, func(kind string) {
		r := httptest.NewRequest(http.MethodPost, "/v25.0/"+n.ID+"/smb_app_data", strings.NewReader(`{"messaging_product":"whatsapp","sync_type":"`+kind+`"}`))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		out := httptest.NewRecorder()
		w.ServeHTTP(out, r)
		if out.Code != http.StatusOK {
			t.Fatalf("%d: %s", out.Code, out.Body)
		}
	}
}
