package whatsapp

import (
	"slices"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors"
)

func TestPageScript(t *testing.T) {
	t.Parallel()
	app := connectors.App{ID: "42", Secret: "hush", Options: map[string]string{OptionConfig: "c7"}}
	s, ok := Connector{}.PageScript(app)
	if !ok || s.Source != "https://connect.facebook.net/en_US/sdk.js" || s.Values["app"] != "42" || s.Values["config"] != "c7" || s.Values["version"] != version {
		t.Errorf("%t %+v", ok, s)
	}
	if !slices.Equal(s.Origins, []string{"https://www.facebook.com", "https://web.facebook.com"}) {
		t.Errorf("believes %v", s.Origins)
	}
	for _, v := range s.Values {
		if strings.Contains(v, "hush") {
			t.Error("the page is given the secret")
		}
	}
	app.Base = "http://127.0.0.1:1/"
	if _, ok := (Connector{}).PageScript(app); ok {
		t.Error("a stand-in is led through by redirects unless it is asked for the script")
	}
	app.Options[optionScript] = "1"
	if s, ok := (Connector{}).PageScript(app); !ok || s.Source != "http://127.0.0.1:1/sdk.js" || !slices.Equal(s.Origins, []string{"http://127.0.0.1:1"}) {
		t.Errorf("%t %+v", ok, s)
	}
}
