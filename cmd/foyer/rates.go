package main

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/foyer-app/foyer/internal/fx"
	"github.com/foyer-app/foyer/internal/outbound"
	"github.com/foyer-app/foyer/internal/store"
)

// noRates switches the fetching of exchange rates off.
const noRates = "off"

// ratesTime bounds the fetching of the whole history, some megabytes.
const ratesTime = 2 * time.Minute

// checkRates says what is wrong with FOYER_FX_URL. It may hold a key of the source,
// so it is not repeated.
func checkRates(address string) string {
	if address == "" || address == noRates {
		return ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Scheme != "https" && u.Scheme != "http" {
		return "FOYER_FX_URL: say https://name/path of exchange rates in the XML of the European Central Bank, or off"
	}
	return ""
}

// rates is the book of exchange rates, from where the environment says.
func (c config) rates(s *store.Store, log *slog.Logger) (*fx.Book, error) {
	conf := fx.Config{Store: s, Log: log, Now: time.Now, HTTP: ratesClient(c.RatesURL), URL: c.RatesURL}
	switch c.RatesURL {
	case "":
		conf.URL, conf.History = fx.DefaultURL, fx.DefaultHistory
	case noRates:
		conf.URL = ""
	}
	book, err := fx.New(conf)
	if err != nil {
		return nil, fmt.Errorf("exchange rates: %w", err)
	}
	return book, nil
}

// ratesClient reaches public addresses and the one that the operator named, wherever
// that is.
func ratesClient(address string) *http.Client {
	conf := outbound.Config{Timeout: ratesTime, MaxBody: fx.MaxAnswer}
	if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
		port := u.Port()
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
		}
		// An address that outbound does not take stays under its ordinary rules.
		if allow, err := outbound.ParseAllow(net.JoinHostPort(u.Hostname(), port)); err == nil {
			conf.Allow = allow
		}
	}
	return outbound.New(conf)
}
