package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"strings"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/mail"
)

// door is what the settings of the front door mean.
type door struct {
	url       *url.URL
	proxies   []netip.Prefix
	mail      mail.Config
	providers []account.ProviderConfig
}

// elsewhere are the places where people may sign in with an account of theirs.
type elsewhere struct {
	GoogleID        string `env:"FOYER_GOOGLE_CLIENT_ID"`
	GoogleSecret    string `env:"FOYER_GOOGLE_CLIENT_SECRET,unset"`
	MicrosoftID     string `env:"FOYER_MICROSOFT_CLIENT_ID"`
	MicrosoftSecret string `env:"FOYER_MICROSOFT_CLIENT_SECRET,unset"`
	MicrosoftTenant string `env:"FOYER_MICROSOFT_TENANT" envDefault:"organizations"` // an id; organizations, consumers, common: many
	OIDCIssuer      string `env:"FOYER_OIDC_ISSUER"`
	OIDCID          string `env:"FOYER_OIDC_CLIENT_ID"`
	OIDCSecret      string `env:"FOYER_OIDC_CLIENT_SECRET,unset"`
	OIDCName        string `env:"FOYER_OIDC_NAME" envDefault:"OpenID"`
}

// tenantID is the form of a tenant's id. A domain would not do: tokens name the id.
var tenantID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// providers returns the places that are configured and what is wrong with them.
func (e elsewhere) providers() (list []account.ProviderConfig, problems []string) {
	both := func(name, id, secret string) bool {
		if (id == "") != (secret == "") {
			problems = append(problems, fmt.Sprintf("FOYER_%[1]s_CLIENT_ID and FOYER_%[1]s_CLIENT_SECRET: say both or none", name))
		}
		return id != "" && secret != ""
	}
	if both("GOOGLE", e.GoogleID, e.GoogleSecret) {
		list = append(list, account.ProviderConfig{Key: "google", Name: "Google", Issuer: account.GoogleIssuer, ClientID: e.GoogleID, ClientSecret: e.GoogleSecret})
	}
	if both("MICROSOFT", e.MicrosoftID, e.MicrosoftSecret) {
		p := account.MicrosoftProvider(e.MicrosoftTenant, e.MicrosoftID, e.MicrosoftSecret)
		if !p.AnyTenant && !tenantID.MatchString(e.MicrosoftTenant) {
			problems = append(problems, fmt.Sprintf("FOYER_MICROSOFT_TENANT is %q: say the tenant's id, organizations, consumers or common", e.MicrosoftTenant))
		}
		list = append(list, p)
	}
	if both("OIDC", e.OIDCID, e.OIDCSecret) {
		u, err := url.Parse(e.OIDCIssuer)
		if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())) {
			problems = append(problems, fmt.Sprintf("FOYER_OIDC_ISSUER is %q: say https://name", e.OIDCIssuer))
		}
		list = append(list, account.ProviderConfig{Key: "oidc", Name: e.OIDCName, Issuer: e.OIDCIssuer, ClientID: e.OIDCID, ClientSecret: e.OIDCSecret})
	}
	return list, problems
}

// readDoor reads the settings of the front door and returns what is wrong with them.
func (c *config) readDoor() (problems []string) {
	if c.URL != "" {
		u, err := url.Parse(strings.TrimSuffix(c.URL, "/"))
		switch {
		case err != nil || u.Host == "" || u.Path != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "":
			problems = append(problems, fmt.Sprintf("FOYER_URL is %q: say https://name, without a path", c.URL))
		case u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname())):
			problems = append(problems, fmt.Sprintf("FOYER_URL is %q: visitors need https, put a proxy with a certificate in front", c.URL))
		default:
			c.door.url = u
		}
	}
	for _, text := range c.Proxies {
		p, err := parsePrefix(strings.TrimSpace(text))
		if err != nil {
			problems = append(problems, fmt.Sprintf("FOYER_TRUSTED_PROXIES has %q: say an address or a network such as 10.0.0.0/8", text))
			continue
		}
		c.door.proxies = append(c.door.proxies, p)
	}
	list, wrong := c.Elsewhere.providers()
	c.door.providers, problems = list, append(problems, wrong...)
	if c.SMTP != "" {
		m, err := mail.ParseURL(c.SMTP)
		if err == nil && c.MailFrom != "" {
			m, err = m.WithFrom(c.MailFrom)
		}
		if err != nil {
			problems = append(problems, fmt.Sprintf("FOYER_SMTP_URL: %v", err))
		}
		c.door.mail = m
	}
	return problems
}

func parsePrefix(text string) (netip.Prefix, error) {
	if addr, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}
