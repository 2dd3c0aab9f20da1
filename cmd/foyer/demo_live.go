package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/foyer-app/foyer/connectors/sample"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

// The paces of a living community, in things a minute.
const (
	usualPace   = 30
	fastestPace = 1200
)

// serveLive serves a Foyer whose platforms are stand-ins on this machine: it is
// registered with them by the same settings as with the real ones, the first is
// connected by the pages that a visitor would use, and the story goes on.
func serveLive(ctx context.Context, c config, t terminal, listener net.Listener, show bool, pace int) (err error) {
	log := c.logger(t, true)
	fmt.Fprintln(t.out, t.locale.T("cli.live", "pace", strconv.Itoa(pace)))
	db, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.close()
	l, err := newLiving(c.address(listener), time.Now())
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	defer func() {
		if failed := l.close(); err == nil {
			err = failed
		}
	}()
	c.living, c.vars = l, l.vars()
	host, err := prepareLive(ctx, c, t, db.store, log)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	host.site = "http://" + listener.Addr().String()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return serveRoles(ctx, c, t, log, db, list{roleWeb, roleWorker, roleListen}, listener) })
	g.Go(func() error {
		if err := host.welcome(ctx, c, t, show); err != nil {
			if ctx.Err() != nil {
				return nil // it was stopped meanwhile
			}
			return fmt.Errorf("demo: %w", err)
		}
		l.play(ctx, pace, log, host.say)
		return nil
	})
	return g.Wait()
}

// liveHost shows the visitor around a living community.
type liveHost struct {
	living   *living
	accounts *account.Accounts
	visitor  store.User
	site     string
	say      func(key string, p *part)
	log      *slog.Logger
}

// prepareLive makes the visitor, and communities that nothing is measured in yet.
func prepareLive(ctx context.Context, c config, t terminal, s *store.Store, log *slog.Logger) (*liveHost, error) {
	ring, err := c.ring()
	if err != nil {
		return nil, err
	}
	s = s.WithKeys(ring)
	h := &liveHost{
		living: c.living, log: log,
		accounts: account.New(account.Config{Store: s, Hasher: secret.NewHasher(passwordsAtOnce), Ring: ring, Log: log, Now: time.Now}),
		say: func(key string, p *part) {
			fmt.Fprintln(t.out, time.Now().Format("15:04:05 ")+t.locale.T(key, "platform", p.connector.Name()))
		},
	}
	if h.visitor, err = demoVisitor(ctx, h.accounts, t); err != nil {
		return nil, err
	}
	org, err := s.SampleOf(ctx, h.visitor.ID)
	if err != nil {
		return nil, err
	}
	ctx = store.WithTenant(ctx, org.ID)
	story := h.living.story
	var made [2]community.Community
	for i, name := range []string{story.Name, story.Spaces[sample.Group].Name} {
		if made[i], err = s.CreateCommunity(ctx, org.ID, name, story.Location); err != nil {
			return nil, err
		}
		rules := store.TeamRules{Domains: story.TeamDomains(), Roles: []string{strings.ToLower(story.TeamRole)}}
		if err := s.SetTeamRules(ctx, made[i].Scope, rules); err != nil {
			return nil, err
		}
	}
	h.living.made, h.living.group = ingest.Sample{Organisation: org, Main: made[0]}, made[1]
	return h, nil
}

// welcome connects the first platform, lets the others look at their webhooks, and
// prints the links.
func (h *liveHost) welcome(ctx context.Context, c config, t terminal, show bool) error {
	for _, p := range h.living.parts {
		if err := p.Verify(ctx); err != nil {
			return err
		}
	}
	first := h.living.parts[0]
	if err := h.connect(ctx, first); err != nil {
		return fmt.Errorf("connect %s: %w", first.connector.Name(), err)
	}
	code, err := h.accounts.DemoCode(ctx, h.visitor)
	if err != nil {
		return err
	}
	look := livePath(h.living.made.Main, lately(time.Now().In(h.living.story.Location)))
	link := h.site + "/demo?" + url.Values{"code": {code}, "to": {look}}.Encode()
	fmt.Fprintln(t.out, t.locale.T("cli.demo", "url", link))
	h.say("cli.live.first", first)
	first.known = true
	for _, p := range h.living.parts[1:] {
		fmt.Fprintln(t.out, "  "+t.locale.T("cli.live.connect", "platform", p.connector.Name(), "url", h.site+h.connectPath(p)))
	}
	fmt.Fprintln(t.out, "  "+t.locale.T("cli.live.look", "url", h.site+look))
	fmt.Fprintln(t.out, "  "+t.locale.T("cli.live.sources", "url", h.site+livePath(h.living.made.Main, "/connections")))
	if program := c.browser(); show && program != "" {
		openLink(ctx, program, link, h.log)
	}
	return nil
}

// lately is the query of the week that ends today: what the overview shows
// otherwise are whole weeks, in which nothing moves.
func lately(now time.Time) string {
	return "?" + url.Values{"from": {now.AddDate(0, 0, -6).Format(time.DateOnly)}, "to": {now.Format(time.DateOnly)}}.Encode()
}

func livePath(c community.Community, more string) string {
	return "/communities/" + strconv.FormatInt(c.Scope.Community, 10) + more
}

func (h *liveHost) connectPath(p *part) string {
	return livePath(h.living.home(p), "/connect/"+string(p.connector.Platform()))
}

// plainCookie holds the session of a visitor without TLS.
const plainCookie = "foyer"

// connect walks the way of a visitor who is in: to the platform's page, back from
// it, and out again. The session begins without a link, so that the browser which
// takes one later is the first that anybody signs in with.
func (h *liveHost) connect(ctx context.Context, p *part) error {
	token, err := h.accounts.Start(ctx, h.visitor, account.Place{Address: "127.0.0.1", Agent: "foyer demo"}, false)
	if err != nil {
		return err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	site, err := url.Parse(h.site)
	if err != nil {
		return err
	}
	jar.SetCookies(site, []*http.Cookie{{Name: plainCookie, Value: token, Path: "/"}})
	client := &http.Client{
		Jar: jar, Timeout: appTime,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	page, err := follow(ctx, client, http.MethodGet, h.site+h.connectPath(p))
	if err != nil {
		return err
	}
	back, err := p.Agree(ctx, client, page)
	if err != nil {
		return err
	}
	at, err := follow(ctx, client, http.MethodGet, back)
	if err != nil {
		return err
	}
	if !strings.HasSuffix(at, livePath(h.living.home(p), "/connections")) {
		return errors.New("the way back ends elsewhere")
	}
	_, err = follow(ctx, client, http.MethodPost, h.site+"/sign-out")
	return err
}

// follow makes a request and returns where it leads; an answer that leads nowhere
// is an error, which does not say the query: it may hold a code.
func follow(ctx context.Context, client *http.Client, method, address string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return "", err
	}
	res, err := client.Do(r)
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", method, r.URL.Path, err)
	}
	res.Body.Close()
	if to := res.Header.Get("Location"); to != "" {
		return to, nil
	}
	return "", fmt.Errorf("%s %s: status %d", method, r.URL.Path, res.StatusCode)
}

// livingImports are the imports of a living community, whose visitor finds it in
// place of the year that is read from files.
type livingImports struct {
	imports
	made ingest.Sample
}

func (l livingImports) Sample(context.Context, store.User, string) (ingest.Sample, error) {
	return l.made, nil
}
