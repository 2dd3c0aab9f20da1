package account

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/foyer-app/foyer/internal/secret"
)

// ErrElsewhere says that a provider's answer proves nothing.
var ErrElsewhere = errors.New("the provider's answer proves nothing")

// The providers that are known by name.
const (
	GoogleIssuer    = "https://accounts.google.com"
	MicrosoftIssuer = "https://login.microsoftonline.com/" // followed by the tenant and /v2.0
)

// ProviderConfig is one place where people sign in elsewhere.
type ProviderConfig struct {
	Key          string // google, microsoft, oidc: stands in addresses and in the database
	Name         string // on the button
	Issuer       string
	ClientID     string
	ClientSecret string
	// AnyTenant is for an issuer that stands for many: the issuer of a token then
	// names the tenant, and nobody vouches for its e-mail addresses.
	AnyTenant bool
	// Vouched is for a provider that says nothing about whether an address is the
	// person's, and whose administrator is trusted to know.
	Vouched bool
}

// Provider is one place where people sign in elsewhere. What it publishes is asked
// for when somebody first comes, not at the start: it may be away then.
type Provider struct {
	ProviderConfig
	client *http.Client

	mu     sync.Mutex
	found  *oidc.Provider
	failed time.Time // when it last did not answer
}

// restFor is how long a provider that did not answer is not asked again: else everybody
// would wait for it, one after the other.
const restFor = 10 * time.Second

var errResting = errors.New("it did not answer a moment ago")

// NewProvider returns a Provider.
func NewProvider(c ProviderConfig) *Provider {
	return &Provider{ProviderConfig: c, client: &http.Client{Timeout: 10 * time.Second}}
}

// discover reads what the provider publishes, once.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	if time.Since(p.failed) < restFor {
		return nil, errResting
	}
	// The provider keeps the context for its keys: it must outlive the request.
	ctx = oidc.ClientContext(context.WithoutCancel(ctx), p.client)
	if p.AnyTenant {
		// The document of many tenants names an issuer with a hole in it.
		ctx = oidc.InsecureIssuerURLContext(ctx, p.Issuer)
	}
	found, err := oidc.NewProvider(ctx, p.Issuer)
	if err != nil {
		p.failed = time.Now()
		return nil, err
	}
	p.found = found
	return found, nil
}

func (p *Provider) oauth(found *oidc.Provider, callback string) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.ClientSecret, Endpoint: found.Endpoint(), RedirectURL: callback,
		Scopes: []string{oidc.ScopeOpenID, "email", "profile"},
	}
}

// Errand is what a browser remembers while somebody signs in elsewhere.
type Errand struct {
	Provider, State, Nonce, Verifier, Back string
	Link                                   int64 // the person who links an account; 0: signs in
}

// Depart begins a sign-in elsewhere: the address to go to, and the token that binds
// the way back to this browser.
func (a *Accounts) Depart(ctx context.Context, p *Provider, callback, back string, link int64) (to, token string, err error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", "", fmt.Errorf("account: depart to %s: %w", p.Key, err)
	}
	e := Errand{Provider: p.Key, State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier(), Back: back, Link: link}
	if token, err = a.Issue(ctx, Elsewhere, 0, "", e); err != nil {
		return "", "", fmt.Errorf("account: depart: %w", err)
	}
	to = p.oauth(found, callback).AuthCodeURL(e.State, oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier),
		oauth2.SetAuthURLParam("prompt", "select_account"))
	return to, token, nil
}

// Claim is what a provider says of somebody.
type Claim struct {
	Provider, Subject, Email, Name string
	Verified                       bool // the address is theirs
}

// Return spends the errand of a browser that comes back with a code and returns what
// the provider says. ErrElsewhere when it proves nothing.
func (a *Accounts) Return(ctx context.Context, p *Provider, callback string, e Errand, state, code string) (Claim, error) {
	if e.Provider != p.Key || state == "" || !same(e.State, state) || code == "" {
		return Claim{}, fmt.Errorf("account: return: %w", ErrElsewhere)
	}
	found, err := p.discover(ctx)
	if err != nil {
		return Claim{}, fmt.Errorf("account: return from %s: %w", p.Key, err)
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.oauth(found, callback).Exchange(ctx, code, oauth2.VerifierOption(e.Verifier))
	if err != nil {
		return Claim{}, fmt.Errorf("account: return: exchange: %w", ErrElsewhere) // its text may repeat the code
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := found.Verifier(&oidc.Config{ClientID: p.ClientID, SkipIssuerCheck: p.AnyTenant, Now: a.Now}).Verify(ctx, raw)
	if err != nil || !same(id.Nonce, e.Nonce) {
		return Claim{}, fmt.Errorf("account: return: token: %w", ErrElsewhere)
	}
	return p.claim(id)
}

func same(a, b string) bool { return string(secret.HashToken(a)) == string(secret.HashToken(b)) }

// guid is the form of a tenant's id.
var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func (p *Provider) claim(id *oidc.IDToken) (Claim, error) {
	var c struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"` // some write it as a text
		Owner    any    `json:"xms_edov"`       // the tenant owns the address's domain
		Name     string `json:"name"`
		Tenant   string `json:"tid"`
	}
	if err := id.Claims(&c); err != nil {
		return Claim{}, fmt.Errorf("account: claims: %w", ErrElsewhere)
	}
	subject := id.Subject
	if p.AnyTenant {
		// The check that was left out above: the issuer is the one of the token's tenant.
		if !guid.MatchString(c.Tenant) || id.Issuer != tenantIssuer(p.Issuer, c.Tenant) {
			return Claim{}, fmt.Errorf("account: issuer: %w", ErrElsewhere)
		}
		subject = c.Tenant + "/" + subject
	}
	if id.Subject == "" || len(subject) > 500 {
		return Claim{}, fmt.Errorf("account: subject: %w", ErrElsewhere)
	}
	verified := truth(c.Verified) || truth(c.Owner) || p.Vouched && c.Verified == nil
	if p.AnyTenant {
		// A tenant's administrator writes any address into a token: only the mark
		// of an owned domain counts.
		verified = truth(c.Owner)
	}
	return Claim{
		Provider: p.Key, Subject: subject, Email: strings.ToLower(strings.TrimSpace(c.Email)), Name: short(c.Name, 200),
		Verified: c.Email != "" && verified,
	}, nil
}

// tenantIssuer puts a tenant in the place of the word that stands for many.
func tenantIssuer(issuer, tenant string) string {
	for _, many := range []string{"/common/", "/organizations/", "/consumers/"} {
		issuer = strings.Replace(issuer, many, "/"+tenant+"/", 1)
	}
	return issuer
}

// truth reads what some write as true, "true" or 1.
func truth(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case string:
		return strings.EqualFold(v, "true") || v == "1"
	case float64:
		return v == 1
	}
	return false
}

// MicrosoftProvider is the configuration for a tenant: its id, or common, organizations
// or consumers for many.
func MicrosoftProvider(tenant, id, clientSecret string) ProviderConfig {
	many := tenant == "common" || tenant == "organizations" || tenant == "consumers"
	return ProviderConfig{
		Key: "microsoft", Name: "Microsoft", Issuer: MicrosoftIssuer + tenant + "/v2.0", ClientID: id, ClientSecret: clientSecret,
		AnyTenant: many, Vouched: !many,
	}
}
