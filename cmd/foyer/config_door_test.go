package main

import (
	"strings"
	"testing"
)

func TestProviders(t *testing.T) {
	t.Parallel()
	const google, microsoft, oidc = "FOYER_GOOGLE_CLIENT", "FOYER_MICROSOFT_CLIENT", "FOYER_OIDC_CLIENT"
	both := func(name string, more ...string) []string {
		return append([]string{"HOME=/nowhere", name + "_ID=id", name + "_SECRET=secret word"}, more...)
	}
	for name, c := range map[string]struct {
		environ []string
		keys    string
		problem string
	}{
		"none":                    {[]string{"HOME=/nowhere"}, "", ""},
		"google":                  {both(google), "google", ""},
		"half of google":          {[]string{"HOME=/nowhere", google + "_ID=id"}, "", "FOYER_GOOGLE_CLIENT_SECRET"},
		"any microsoft":           {both(microsoft), "microsoft", ""},
		"one tenant":              {both(microsoft, "FOYER_MICROSOFT_TENANT=11111111-2222-3333-4444-555555555555"), "microsoft", ""},
		"a tenant by its domain":  {both(microsoft, "FOYER_MICROSOFT_TENANT=atelier.example"), "", "FOYER_MICROSOFT_TENANT"},
		"a provider":              {both(oidc, "FOYER_OIDC_ISSUER=https://id.example", "FOYER_OIDC_NAME=Maison"), "oidc", ""},
		"a provider without TLS":  {both(oidc, "FOYER_OIDC_ISSUER=http://id.example"), "", "FOYER_OIDC_ISSUER"},
		"a provider on this host": {both(oidc, "FOYER_OIDC_ISSUER=http://localhost:9000"), "oidc", ""},
		"a provider nowhere":      {both(oidc), "", "FOYER_OIDC_ISSUER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conf, err := readConfig(c.environ)
			if c.problem != "" {
				if err == nil || !strings.Contains(err.Error(), c.problem) || strings.Contains(err.Error(), "secret word") {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var keys []string
			for _, p := range conf.door.providers {
				keys = append(keys, p.Key)
			}
			if got := strings.Join(keys, " "); got != c.keys {
				t.Errorf("%q, want %q", got, c.keys)
			}
		})
	}
}
