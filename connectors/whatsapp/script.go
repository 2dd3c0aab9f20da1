package whatsapp

import "github.com/foyer-app/foyer/connectors"

// optionScript asks for the page with the platform's script where App.Base
// replaces the platform, whose stand-in leads through the dialog by redirects.
const optionScript = "page_script"

// PageScript is Embedded Signup as the platform means it: its script opens the
// dialog, gives the code to the page, and the dialog tells the ids in a message.
// The script is loaded from one place, and talks to the platform's own pages.
func (Connector) PageScript(app connectors.App) (connectors.PageScript, bool) {
	s := connectors.PageScript{
		Source:  "https://connect.facebook.net/en_US/sdk.js",
		Origins: []string{"https://www.facebook.com", "https://web.facebook.com"},
		Frames:  []string{"https://www.facebook.com", "https://web.facebook.com", "https://graph.facebook.com"},
		Values:  map[string]string{"app": app.ID, "config": app.Options[OptionConfig], "version": version},
	}
	if app.Base != "" {
		origin := base(app, dialog)
		s.Source, s.Origins, s.Frames = origin+"/sdk.js", []string{origin}, []string{origin}
	}
	return s, app.Base == "" || app.Options[optionScript] != ""
}
