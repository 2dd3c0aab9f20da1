package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
)

// TestDocsOfLivePlatforms: README leads to a page for each platform that can be
// connected live. That page has the addresses to register, and names variables
// that give the application what the connector misses without them.
func TestDocsOfLivePlatforms(t *testing.T) {
	readme := text(t, "../../README.md")
	docs := regexp.MustCompile(`\]\((docs/[^)]+)\)`).FindAllStringSubmatch(readme, -1)
	for _, c := range all.List() {
		live, ok := c.(connectors.Configured)
		if !ok {
			continue
		}
		name := string(c.Platform())
		page := ""
		for _, m := range docs {
			if strings.HasSuffix(m[1], name+".md") {
				page = text(t, filepath.Join("../..", m[1]))
			}
		}
		if page == "" {
			t.Errorf("README has no link to a page on connecting %s", c.Name())
			continue
		}
		var wanted []string
		// Whoever registers no application registers no address.
		if _, ok := c.(connectors.Webhook); ok {
			wanted = append(wanted, "/hooks/"+name)
		}
		_, handed := c.(connectors.Handover)
		if _, ok := c.(connectors.Installer); ok && !handed {
			wanted = append(wanted, "/connect/"+name+"/callback")
		}
		for _, want := range wanted {
			if !strings.Contains(page, want) {
				t.Errorf("the page on %s does not say %s", c.Name(), want)
			}
		}
		values := map[string]string{}
		for _, m := range regexp.MustCompile(`FOYER_`+strings.ToUpper(name)+`_([A-Z_]+)`).FindAllStringSubmatch(page, -1) {
			values[m[1]] = "x"
		}
		app := appOf(values, "https://foyer.example/connect/"+name+"/callback", slog.New(slog.DiscardHandler))
		if missing := live.Missing(app); len(missing) > 0 {
			t.Errorf("with all variables of its page %s still misses %v", c.Name(), missing)
		}
	}
}

func text(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
