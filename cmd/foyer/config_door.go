package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"github.com/foyer-app/foyer/internal/mail"
)

// door is what the settings of the front door mean.
type door struct {
	url     *url.URL
	proxies []netip.Prefix
	mail    mail.Config
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
