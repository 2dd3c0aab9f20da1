package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/foyer-app/foyer/internal/account"
	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
)

// administration is what the subcommands of `foyer admin` work with.
type administration struct {
	config   config
	terminal terminal
	store    *store.Store
	ring     *vault.Ring
	accounts *account.Accounts
}

// admin is for who runs the instance: it asks nobody for permission, because
// whoever can start it can read the database.
func admin(ctx context.Context, args []string, c config, t terminal) error {
	commands := map[string]func(*administration, context.Context, []string) error{
		"create-owner": (*administration).createOwner, "reset-password": (*administration).resetPassword,
		"list-organisations": (*administration).listOrganisations, "rotate-keys": (*administration).rotateKeys,
		"disable-user": (*administration).disableUser, "make-operator": (*administration).makeOperator,
	}
	if len(args) == 0 || commands[args[0]] == nil {
		return &usageError{t.locale.T("cli.admin")}
	}
	ring, err := c.ring()
	if err != nil {
		return err
	}
	log := c.logger(t, true)
	db, err := open(ctx, c, log)
	if err != nil {
		return err
	}
	defer db.close()
	s := db.store.WithKeys(ring)
	a := &administration{c, t, s, ring, account.New(account.Config{
		Store: s, Hasher: secret.NewHasher(passwordsAtOnce), Ring: ring, Log: log, Now: time.Now,
	})}
	return commands[args[0]](a, ctx, args[1:])
}

func (a *administration) say(key string, args ...any) error {
	_, err := fmt.Fprintln(a.terminal.out, a.terminal.locale.T(key, args...))
	return err
}

// fails is an error in the words of the catalogue.
func (a *administration) fails(key string, args ...any) error {
	return errors.New(a.terminal.locale.T(key, args...))
}

// parse reads flags; what is left over is a mistake.
func (a *administration) parse(f flags, args []string) error {
	rest, err := f.parse(args)
	if err == nil && len(rest) > 0 {
		err = &usageError{a.terminal.locale.T("cli.unexpected", "argument", rest[0])}
	}
	return err
}

func (a *administration) audit(ctx context.Context, organisation int64, action, target string) error {
	return a.store.Audit(ctx, store.AuditEntry{Organisation: organisation, Actor: "foyer admin", Action: action, Target: target})
}

// address checks what was given as --email.
func (a *administration) address(text string) (string, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if parsed, err := mail.ParseAddress(text); err != nil || parsed.Address != text || len(text) > 254 {
		return "", &usageError{a.terminal.locale.T("cli.admin.email")}
	}
	return text, nil
}

// person returns who has an address.
func (a *administration) person(ctx context.Context, email string) (store.User, error) {
	email, err := a.address(email)
	if err != nil {
		return store.User{}, err
	}
	u, err := a.store.UserByEmail(ctx, email)
	if errors.Is(err, community.ErrNotFound) {
		err = a.fails("cli.admin.nobody")
	}
	return u, err
}

// createOwner makes an owner, and the organisation where there is none of that name.
func (a *administration) createOwner(ctx context.Context, args []string) error {
	f := newFlags("admin create-owner", a.terminal)
	email, name := f.String("email", "", ""), f.String("name", "", "")
	organisation, kind := f.String("organisation", "", ""), f.String("kind", "brand", "")
	ask := f.Bool("password", false, "")
	if err := a.parse(f, args); err != nil {
		return err
	}
	address, err := a.address(*email)
	if err != nil {
		return err
	}
	*name, *organisation = strings.TrimSpace(*name), strings.TrimSpace(*organisation)
	if *name == "" || *organisation == "" || *kind != "brand" && *kind != "agency" {
		return &usageError{a.terminal.locale.T("cli.admin.owner_needs")}
	}
	u, err := a.store.UserByEmail(ctx, address)
	known := err == nil
	if err != nil && !errors.Is(err, community.ErrNotFound) {
		return err
	}
	n := account.NewUser{Email: address, Name: *name, Language: a.terminal.locale.String(), Verified: true}
	if *ask && !known {
		if n.Password, err = a.readPassword(address, *name, *organisation); err != nil {
			return err
		}
	}
	o := store.Organisation{Name: *organisation, Kind: *kind, TimeZone: "Europe/Paris", Currency: "EUR", Language: n.Language}
	if u, o, err = a.own(ctx, u, n, o); err != nil {
		return err
	}
	if err := a.audit(ctx, o.ID, "admin.create_owner", fmt.Sprint(u.ID)); err != nil {
		return err
	}
	if err := a.say("cli.admin.owner", "organisation", o.Name); err != nil || known || n.Password != "" {
		return err
	}
	return a.printLink(ctx, u)
}

// own makes the person, where there is none yet, and gives them the organisation.
func (a *administration) own(ctx context.Context, u store.User, n account.NewUser, o store.Organisation) (store.User, store.Organisation, error) {
	if u.ID == 0 {
		first, made, err := a.accounts.CreateFirst(ctx, n, o)
		if !errors.Is(err, store.ErrNotFirst) {
			return first, made, err
		}
		if u, err = a.accounts.Create(ctx, n); err != nil {
			return u, o, err
		}
	}
	list, err := a.store.Organisations(ctx)
	if err != nil {
		return u, o, err
	}
	for _, existing := range list {
		if strings.EqualFold(existing.Name, o.Name) && !existing.Sample {
			return u, existing, a.store.SetSeat(ctx, existing.ID, u.ID, store.RoleOwner, nil)
		}
	}
	o, err = a.store.CreateOrganisation(ctx, o, u.ID)
	return u, o, err
}

// readPassword asks at the terminal, without showing it, or reads the first line
// of the input. Arguments are for everybody on the machine to read.
func (a *administration) readPassword(personal ...string) (string, error) {
	l := a.terminal.locale
	var password string
	if f, ok := a.terminal.in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(a.terminal.err, l.T("cli.admin.password"), " ")
		typed, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.terminal.err)
		if err != nil {
			return "", err
		}
		password = string(typed)
	} else {
		text, err := io.ReadAll(io.LimitReader(a.terminal.in, 4096))
		if err != nil {
			return "", err
		}
		password, _, _ = strings.Cut(strings.ReplaceAll(string(text), "\r", ""), "\n")
	}
	if verdict := secret.Strength(password, personal...); !verdict.OK {
		return "", errors.New(l.T("door.password.weak." + string(verdict.Reason)))
	}
	return password, nil
}

// printLink prints a link that lets the person choose a password, once.
func (a *administration) printLink(ctx context.Context, u store.User) error {
	token, err := a.accounts.IssueOneTime(ctx, u)
	if err != nil {
		return err
	}
	base := "http://127.0.0.1:8080"
	if a.config.door.url != nil {
		base = a.config.door.url.String()
	}
	return a.say("cli.admin.link", "link", base+"/one-time?"+url.Values{"token": {token}}.Encode())
}

func (a *administration) resetPassword(ctx context.Context, args []string) error {
	f := newFlags("admin reset-password", a.terminal)
	email := f.String("email", "", "")
	if err := a.parse(f, args); err != nil {
		return err
	}
	u, err := a.person(ctx, *email)
	if err != nil {
		return err
	}
	if !u.Disabled.IsZero() {
		return a.fails("cli.admin.is_disabled")
	}
	if err := a.audit(ctx, 0, "admin.reset_password", fmt.Sprint(u.ID)); err != nil {
		return err
	}
	return a.printLink(ctx, u)
}

// organisationLine is an organisation as programs read it.
type organisationLine struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	Kind        string    `json:"kind"`
	Sample      bool      `json:"sample"`
	Communities int       `json:"communities"`
	Colleagues  int       `json:"colleagues"`
	Messages    int64     `json:"messages"`
	Created     time.Time `json:"created"`
}

func (a *administration) listOrganisations(ctx context.Context, args []string) error {
	f := newFlags("admin list-organisations", a.terminal)
	asJSON := f.Bool("json", false, "")
	if err := a.parse(f, args); err != nil {
		return err
	}
	list, err := a.store.Organisations(ctx)
	if err != nil {
		return err
	}
	lines := make([]organisationLine, 0, len(list))
	for _, o := range list {
		h, err := a.store.Holdings(ctx, store.Deletion{Organisation: o.ID})
		if err != nil {
			return err
		}
		lines = append(lines, organisationLine{o.ID, o.Name, o.Kind, o.Sample, h.Communities, h.Colleagues, h.Messages, o.Created})
	}
	if *asJSON {
		return json.NewEncoder(a.terminal.out).Encode(lines)
	}
	l := a.terminal.locale
	for _, o := range lines {
		if err := a.say("cli.admin.organisation", "id", o.ID, "name", o.Name, "kind", l.T("cli.admin.kind."+o.Kind),
			"communities", o.Communities, "colleagues", o.Colleagues); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		return a.say("cli.admin.none")
	}
	return nil
}

func (a *administration) disableUser(ctx context.Context, args []string) error {
	f := newFlags("admin disable-user", a.terminal)
	email, undo := f.String("email", "", ""), f.Bool("undo", false, "")
	if err := a.parse(f, args); err != nil {
		return err
	}
	u, err := a.person(ctx, *email)
	if err != nil {
		return err
	}
	if err := a.store.Disable(ctx, u.ID, !*undo); err != nil {
		return err
	}
	action, key := "admin.disable_user", "cli.admin.disabled"
	if *undo {
		action, key = "admin.enable_user", "cli.admin.enabled"
	}
	if err := a.audit(ctx, 0, action, fmt.Sprint(u.ID)); err != nil {
		return err
	}
	return a.say(key)
}

func (a *administration) makeOperator(ctx context.Context, args []string) error {
	f := newFlags("admin make-operator", a.terminal)
	email, undo := f.String("email", "", ""), f.Bool("undo", false, "")
	if err := a.parse(f, args); err != nil {
		return err
	}
	u, err := a.person(ctx, *email)
	if err != nil {
		return err
	}
	if err := a.store.SetOperator(ctx, u.ID, !*undo); err != nil {
		return err
	}
	action, key := "admin.make_operator", "cli.admin.operator"
	if *undo {
		action, key = "admin.unmake_operator", "cli.admin.no_operator"
	}
	if err := a.audit(ctx, 0, action, fmt.Sprint(u.ID)); err != nil {
		return err
	}
	return a.say(key)
}
