package account_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/foyer-app/foyer/internal/account"
)

const tenant = "11111111-2222-3333-4444-555555555555"

// manyTenants is a provider whose document names an issuer with a hole in it.
type manyTenants struct {
	*httptest.Server
	key    *rsa.PrivateKey
	claims map[string]any // of the next token
}

func newManyTenants(t *testing.T) *manyTenants {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	m := &manyTenants{key: key}
	mux := http.NewServeMux()
	write := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("/common/v2.0/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		write(w, map[string]any{
			"issuer": m.URL + "/{tenantid}/v2.0", "authorization_endpoint": m.URL + "/authorize", "token_endpoint": m.URL + "/token", "jwks_uri": m.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256"},
		})
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		write(w, jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Algorithm: "RS256", Use: "sig"}}})
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, _ *http.Request) {
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "k"}}, nil)
		if err != nil {
			t.Error(err)
			return
		}
		raw, err := jwt.Signed(signer).Claims(m.claims).Serialize()
		if err != nil {
			t.Error(err)
		}
		write(w, map[string]any{"access_token": "x", "token_type": "Bearer", "id_token": raw})
	})
	m.Server = httptest.NewServer(mux)
	t.Cleanup(m.Close)
	return m
}

// TestManyTenants: the issuer is compared with the token's own tenant, and an address
// counts only where the tenant owns its domain.
func TestManyTenants(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	m := newManyTenants(t)
	p := account.NewProvider(account.ProviderConfig{Key: "microsoft", Name: "M", Issuer: m.URL + "/common/v2.0", ClientID: "foyer", ClientSecret: "s", AnyTenant: true})
	for name, c := range map[string]struct {
		change   map[string]any
		verified bool
		refused  bool
	}{
		"address of an owned domain":   {map[string]any{"xms_edov": true}, true, false},
		"the same, as a number":        {map[string]any{"xms_edov": 1}, true, false},
		"any address":                  {nil, false, false},
		"an address that claims to be": {map[string]any{"email_verified": true}, false, false},
		"issuer of another tenant":     {map[string]any{"iss": m.URL + "/99999999-2222-3333-4444-555555555555/v2.0"}, false, true},
		"issuer with the hole":         {map[string]any{"iss": m.URL + "/{tenantid}/v2.0"}, false, true},
		"issuer of somebody else":      {map[string]any{"iss": "https://evil.example/" + tenant + "/v2.0"}, false, true},
		"no tenant":                    {map[string]any{"tid": ""}, false, true},
		"a tenant that is a path":      {map[string]any{"tid": "../evil", "iss": m.URL + "/../evil/v2.0"}, false, true},
		"another audience":             {map[string]any{"aud": "other"}, false, true},
		"expired":                      {map[string]any{"exp": time.Now().Add(-time.Hour).Unix()}, false, true},
		"another nonce":                {map[string]any{"nonce": "x"}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			to, token, err := h.Depart(t.Context(), p, "http://localhost/back", "/", 0)
			if err != nil {
				t.Fatal(err)
			}
			u, err := url.Parse(to)
			if err != nil || !strings.HasPrefix(to, m.URL+"/authorize?") {
				t.Fatal(to, err)
			}
			var e account.Errand
			if _, err := h.Use(t.Context(), account.Elsewhere, token, &e); err != nil {
				t.Fatal(err)
			}
			m.claims = map[string]any{
				"iss": m.URL + "/" + tenant + "/v2.0", "aud": "foyer", "sub": "s1", "tid": tenant, "email": "Zoe@Atelier.example", "nonce": u.Query().Get("nonce"),
				"iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
			}
			for k, v := range c.change {
				m.claims[k] = v
			}
			got, err := h.Return(t.Context(), p, "http://localhost/back", e, u.Query().Get("state"), "code")
			if c.refused {
				if !errors.Is(err, account.ErrElsewhere) {
					t.Errorf("%+v, %v", got, err)
				}
				return
			}
			if err != nil || got.Verified != c.verified || got.Subject != tenant+"/s1" || got.Email != "zoe@atelier.example" {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestMicrosoftProvider(t *testing.T) {
	t.Parallel()
	for tenant, many := range map[string]bool{"common": true, "organizations": true, "consumers": true, tenant: false} {
		p := account.MicrosoftProvider(tenant, "id", "secret")
		if p.AnyTenant != many || p.Vouched == many || p.Issuer != "https://login.microsoftonline.com/"+tenant+"/v2.0" {
			t.Errorf("%s: %+v", tenant, p)
		}
	}
}
