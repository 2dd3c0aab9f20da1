package account

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/foyer-app/foyer/internal/community"
	"github.com/foyer-app/foyer/internal/store"
)

// What can be wrong with a passkey.
var (
	// ErrPasskey says that a device's answer proves nothing: unknown key, wrong or
	// expired challenge, another site, nobody in front of it.
	ErrPasskey = errors.New("the passkey proves nothing")
	// ErrCloned says that a key's counter went back: somebody may have a copy.
	ErrCloned = errors.New("the passkey may have been copied")
	// ErrManyPasskeys bounds how many keys a person has.
	ErrManyPasskeys = errors.New("too many passkeys")
)

const maxPasskeys = 20

// Site is what passkeys are bound to: a name, and the address of its pages.
type Site struct {
	Name   string // foyer.example, localhost
	Origin string // https://foyer.example
}

// keyholder is a person as the library wants to see one.
type keyholder struct {
	user store.User
	keys []webauthn.Credential
}

func (k keyholder) WebAuthnID() []byte                         { return k.user.Handle }
func (k keyholder) WebAuthnName() string                       { return k.user.Email }
func (k keyholder) WebAuthnDisplayName() string                { return k.user.Label() }
func (k keyholder) WebAuthnCredentials() []webauthn.Credential { return k.keys }

func (a *Accounts) keyholder(ctx context.Context, u store.User) (keyholder, error) {
	k := keyholder{user: u}
	list, err := a.Store.Passkeys(ctx, u.ID)
	if err != nil {
		return k, err
	}
	for _, p := range list {
		var c webauthn.Credential
		if err := json.Unmarshal(p.Credential, &c); err != nil {
			return k, fmt.Errorf("account: stored passkey: %w", err)
		}
		k.keys = append(k.keys, c)
	}
	return k, nil
}

func relyingParty(site Site) (*webauthn.WebAuthn, error) {
	return webauthn.New(&webauthn.Config{RPID: site.Name, RPDisplayName: "Foyer", RPOrigins: []string{site.Origin}})
}

// BeginPasskey asks a person's device for a new key: what the page's script hands to
// the browser, and the token that AddPasskey wants back.
func (a *Accounts) BeginPasskey(ctx context.Context, site Site, u store.User) (options any, token string, err error) {
	rp, err := relyingParty(site)
	if err != nil {
		return nil, "", fmt.Errorf("account: begin passkey: %w", err)
	}
	k, err := a.keyholder(ctx, u)
	if err != nil {
		return nil, "", fmt.Errorf("account: begin passkey: %w", err)
	}
	if len(k.keys) >= maxPasskeys {
		return nil, "", fmt.Errorf("account: begin passkey: %w", ErrManyPasskeys)
	}
	must := true
	creation, session, err := rp.BeginRegistration(k,
		webauthn.WithExclusions(webauthn.Credentials(k.keys).CredentialDescriptors()),
		webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &must, UserVerification: protocol.VerificationRequired,
		}))
	if err == nil {
		token, err = a.Issue(ctx, PasskeyNew, u.ID, "", session)
	}
	if err != nil {
		return nil, "", fmt.Errorf("account: begin passkey: %w", err)
	}
	return creation, token, nil
}

// AddPasskey keeps the key that a person's device made. ErrPasskey when the answer is
// not one to the challenge, store.ErrExists when the key is known.
func (a *Accounts) AddPasskey(ctx context.Context, site Site, u store.User, token, name string, answer []byte) error {
	rp, err := relyingParty(site)
	if err != nil {
		return fmt.Errorf("account: add passkey: %w", err)
	}
	var session webauthn.SessionData
	t, err := a.Use(ctx, PasskeyNew, token, &session)
	if errors.Is(err, community.ErrNotFound) || err == nil && t.User != u.ID {
		return fmt.Errorf("account: add passkey: %w", ErrPasskey)
	}
	if err != nil {
		return fmt.Errorf("account: add passkey: %w", err)
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return fmt.Errorf("account: add passkey: %w", ErrPasskey) // its text repeats foreign input
	}
	k, err := a.keyholder(ctx, u)
	if err != nil {
		return fmt.Errorf("account: add passkey: %w", err)
	}
	made, err := rp.CreateCredential(k, session, parsed)
	if err != nil {
		return fmt.Errorf("account: add passkey: %w", ErrPasskey)
	}
	made.Attestation = webauthn.CredentialAttestation{} // proves the maker of the device: not asked, not kept
	plain, err := json.Marshal(made)
	if err == nil {
		_, err = a.Store.AddPasskey(ctx, store.Passkey{User: u.ID, CredentialID: made.ID, Credential: plain, Name: name})
	}
	if err != nil {
		return fmt.Errorf("account: add passkey: %w", err)
	}
	return nil
}

// AskPasskey asks whoever is there for any of their keys, which says who they are.
func (a *Accounts) AskPasskey(ctx context.Context, site Site) (options any, token string, err error) {
	rp, err := relyingParty(site)
	if err != nil {
		return nil, "", fmt.Errorf("account: ask passkey: %w", err)
	}
	assertion, session, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err == nil {
		token, err = a.Issue(ctx, PasskeyUse, 0, "", session)
	}
	if err != nil {
		return nil, "", fmt.Errorf("account: ask passkey: %w", err)
	}
	return assertion, token, nil
}

// CheckPasskey returns the person whose device answered the challenge, once. ErrPasskey
// when the answer proves nothing, ErrCloned (with the person) when the key may have
// been copied.
func (a *Accounts) CheckPasskey(ctx context.Context, site Site, token string, answer []byte) (store.User, error) {
	rp, err := relyingParty(site)
	if err != nil {
		return store.User{}, fmt.Errorf("account: check passkey: %w", err)
	}
	var session webauthn.SessionData
	if _, err := a.Use(ctx, PasskeyUse, token, &session); errors.Is(err, community.ErrNotFound) {
		return store.User{}, fmt.Errorf("account: check passkey: %w", ErrPasskey)
	} else if err != nil {
		return store.User{}, fmt.Errorf("account: check passkey: %w", err)
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return store.User{}, fmt.Errorf("account: check passkey: %w", ErrPasskey)
	}
	var broken error // of the database, not of the key
	find := func(_, handle []byte) (webauthn.User, error) {
		u, err := a.Store.UserByHandle(ctx, handle)
		if err == nil {
			var k keyholder
			if k, err = a.keyholder(ctx, u); err == nil {
				return k, nil
			}
		}
		if !errors.Is(err, community.ErrNotFound) {
			broken = err
		}
		return nil, err
	}
	found, used, err := rp.ValidatePasskeyLogin(find, session, parsed)
	if broken != nil {
		return store.User{}, fmt.Errorf("account: check passkey: %w", broken)
	}
	if err != nil {
		return store.User{}, fmt.Errorf("account: check passkey: %w", ErrPasskey)
	}
	k, ok := found.(keyholder)
	if !ok || !k.user.Disabled.IsZero() {
		return store.User{}, fmt.Errorf("account: check passkey: %w", ErrPasskey)
	}
	if used.Authenticator.CloneWarning {
		return k.user, fmt.Errorf("account: check passkey: %w", ErrCloned)
	}
	plain, err := json.Marshal(used)
	if err == nil {
		err = a.Store.UsePasskey(ctx, k.user.ID, used.ID, plain)
	}
	if err != nil {
		return store.User{}, fmt.Errorf("account: check passkey: %w", err)
	}
	return k.user, nil
}
