package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"golang.org/x/sync/errgroup"

	"github.com/foyer-app/foyer/connectors"
	"github.com/foyer-app/foyer/connectors/all"
	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/ingest"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/web"
)

// The roles of a process. Without a choice it has all.
const (
	roleWeb    = "web"
	roleWorker = "worker"
	roleListen = "listen" // holds the gateways of platforms that need one
)

// serve runs until the context ends, and then lets requests and jobs finish.
func serve(ctx context.Context, args []string, c config, t terminal) error {
	f := newFlags("serve", t)
	addr := f.String("addr", "127.0.0.1:8080", "")
	var roles list
	f.Var(&roles, "role", "")
	if rest, err := f.parse(args); err != nil {
		return err
	} else if len(rest) > 0 {
		return &usageError{t.locale.T("cli.unexpected", "argument", rest[0])}
	}
	if len(roles) == 0 {
		roles = list{roleWeb, roleWorker, roleListen}
	}
	for _, r := range roles {
		if r != roleWeb && r != roleWorker && r != roleListen {
			return &usageError{t.locale.T("cli.unknown_role", "role", r)}
		}
	}
	if c.door.url == nil && loopback(*addr) != nil {
		return &usageError{t.locale.T("cli.loopback_only", "addr", *addr)}
	}
	// The port first: a second `foyer serve` must not get as far as the database.
	var listener net.Listener
	if slices.Contains(roles, roleWeb) {
		var err error
		if listener, err = net.Listen("tcp", *addr); err != nil {
			return fmt.Errorf("%s: %w", t.locale.T("cli.port_taken", "addr", *addr), err)
		}
		defer listener.Close()
	}
	log := c.logger(t, false)
	db, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.close()
	return serveRoles(ctx, c, t, log, db, roles, listener)
}

// loopback says whether an address can only be reached from this machine. Without
// FOYER_URL nothing else is served: visitors from elsewhere need TLS, and their
// browsers a name.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if !isLoopback(host) {
		return errors.New("not a loopback address")
	}
	return nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.IsLoopback()
}

func serveRoles(ctx context.Context, c config, t terminal, log *slog.Logger, db *database, roles list, listener net.Listener) error {
	ring, err := c.ring()
	if err != nil {
		return err
	}
	s := db.store.WithKeys(ring)
	post, err := c.courier(s, ring, log)
	if err != nil {
		return err
	}
	rates, err := c.rates(s, log)
	if err != nil {
		return err
	}
	s = s.WithRates(rates)
	in := ingest.New(ingest.Config{
		Store: s, Connectors: all.List(), Log: log, Uploads: c.uploads(), Limits: c.limits(), Ring: ring,
		Apps: c.apps(c.address(listener), log),
	})
	in.Chores = chores(in, post, rates)
	works := slices.Contains(roles, roleWorker)
	jobs, err := in.Client(works)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	if works {
		g.Go(func() error { return work(ctx, jobs, log) })
	}
	counts, err := c.measure(ctx, g, s, log)
	if err != nil {
		return err
	}
	if listener != nil {
		conf := web.Config{
			Store: s, Imports: c.imports(in, jobs), Connectors: all.List(), Log: log,
			Version: version, Now: time.Now, MaxUpload: c.MaxUpload << 20, MailHost: c.door.mail.Host, URL: c.door.url, Proxies: c.door.proxies, Post: post, Live: in,
			Accounts: account.New(account.Config{
				Store: s, Hasher: secret.NewHasher(passwordsAtOnce), Ring: ring, Log: log, Now: time.Now, OpenSignUp: c.OpenSignUp,
			}),
		}
		if err := announce(ctx, &conf, t, listener); err != nil {
			return err
		}
		for _, p := range c.door.providers {
			conf.Providers = append(conf.Providers, account.NewProvider(p))
		}
		if counts != nil {
			conf.Measured = counts.Requests
		}
		if conf.Jobs, err = jobPages(ctx, jobs, log); err != nil {
			return err
		}
		site := web.New(conf)
		g.Go(func() error {
			defer site.Finish()
			return serveWeb(ctx, listener, site, c.StopDelay, log)
		})
	}
	if slices.Contains(roles, roleListen) {
		g.Go(func() error { return in.Listen(ctx) })
	}
	g.Go(func() error { <-ctx.Done(); return nil })
	return g.Wait()
}

// passwordsAtOnce bounds the memory of checking passwords: 19 MiB each.
const passwordsAtOnce = 4

// address is where visitors find this instance.
func (c config) address(listener net.Listener) *url.URL {
	switch {
	case c.door.url != nil:
		return c.door.url
	case listener != nil:
		return &url.URL{Scheme: "http", Host: listener.Addr().String()}
	}
	return &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}
}

// announce says where Foyer is. A new instance that others can reach lets in as
// its owner only who reads the code here.
func announce(ctx context.Context, conf *web.Config, t terminal, listener net.Listener) error {
	at := "http://" + listener.Addr().String()
	if conf.URL != nil {
		at = conf.URL.String()
		users, err := conf.Store.Users(ctx)
		if err != nil {
			return err
		}
		if users == 0 {
			conf.Code = setupCode(conf.Accounts.Ring)
			fmt.Fprintln(t.out, t.locale.T("cli.setup_code", "code", conf.Code))
		}
	}
	fmt.Fprintln(t.out, t.locale.T("cli.serving", "url", at))
	return nil
}

// work does jobs until the context ends, and then lets those that run finish.
func work(ctx context.Context, jobs *river.Client[pgx.Tx], log *slog.Logger) error {
	// Stopping is ours to do: a cancelled context would cut the jobs short.
	if err := jobs.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	if err := jobs.Stop(stop); err != nil {
		log.WarnContext(stop, "jobs did not finish in time; they go on at the next start", slog.Any("error", err))
	}
	return nil
}

// requestsEnd is how long requests may still take when the server stops.
const requestsEnd = 15 * time.Second

// serveWeb answers requests until the context ends. Then /readyz says so, for as
// long as a load balancer needs to see it; nobody new is let in; and the requests
// that run are answered.
func serveWeb(ctx context.Context, listener net.Listener, site *web.Server, delay time.Duration, log *slog.Logger) error {
	base, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	server := &http.Server{
		Handler:           site.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	select {
	case err := <-done:
		return fmt.Errorf("web: %w", err)
	case <-ctx.Done():
	}
	site.Leave() // event streams, which never end by themselves, end too
	select {
	case err := <-done:
		return fmt.Errorf("web: %w", err)
	case <-time.After(delay):
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), requestsEnd)
	defer cancel()
	if err := server.Shutdown(stop); err != nil {
		log.WarnContext(stop, "requests did not finish in time", slog.Any("error", err))
		return server.Close()
	}
	return nil
}

func (c config) imports(in *ingest.Ingest, jobs *river.Client[pgx.Tx]) web.Imports {
	i := imports{in, jobs, c.MaxUpload << 20}
	if c.living != nil {
		return livingImports{i, c.living.made}
	}
	return i
}

// imports gives the pages what they need of ingest.
type imports struct {
	ingest *ingest.Ingest
	jobs   *river.Client[pgx.Tx]
	limit  int64
}

func (i imports) Upload(ctx context.Context, c community.Community, files web.Files, o web.UploadOptions) (int64, error) {
	return i.ingest.Upload(ctx, i.jobs, c, o.Source, o.Location, files, i.limit)
}

func (i imports) Answer(ctx context.Context, imp store.Import, key, answer string) error {
	return i.ingest.Answer(ctx, i.jobs, imp, key, answer)
}

func (i imports) LookAt(ctx context.Context, imp store.Import, said *connectors.Mapping) (connectors.Look, error) {
	return i.ingest.LookAt(ctx, imp, said)
}

func (i imports) AnswerMapping(ctx context.Context, imp store.Import, look connectors.Look) error {
	return i.ingest.AnswerMapping(ctx, i.jobs, imp, look)
}

func (i imports) Sample(ctx context.Context, u store.User, language string) (ingest.Sample, error) {
	return i.ingest.MakeSample(ctx, i.jobs, u, language)
}

func (i imports) RemoveSample(ctx context.Context, user, organisation int64) error {
	return i.ingest.RemoveSample(ctx, user, organisation)
}

func (i imports) Cancel(ctx context.Context, imp store.Import) error {
	return i.ingest.Cancel(ctx, imp)
}
