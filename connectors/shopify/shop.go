package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/foyer-app/foyer/connectors"
)

// shopSuffix ends the address by which Shopify knows a shop, whatever its own is.
const shopSuffix = ".myshopify.com"

// isShop says whether s is such an address, exactly: it becomes part of a URL
// that gets our secret.
func isShop(s string) bool {
	name, ok := strings.CutSuffix(s, shopSuffix)
	return ok && name != "" && len(name) <= 63 && name[0] != '-' && name[len(name)-1] != '-' &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// shopOf makes the address of a shop of what somebody typed: the address itself,
// with or without https, its name alone, or the address of its administration.
func shopOf(typed string) (string, bool) {
	s := strings.ToLower(strings.TrimSpace(typed))
	s = strings.TrimPrefix(s, "https://")
	if rest, ok := strings.CutPrefix(s, "admin.shopify.com/store/"); ok {
		s, _, _ = strings.Cut(rest, "/")
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "/"), "/admin")
	if !strings.Contains(s, ".") {
		s += shopSuffix
	}
	return s, isShop(s)
}

// shopURL is a URL of a shop. With a base, as in tests, the shop is its first folder.
func shopURL(app connectors.App, shop, path string) string {
	if app.Base != "" {
		return strings.TrimSuffix(app.Base, "/") + "/" + shop + path
	}
	return "https://" + shop + path
}

// tolerance bounds how far the time of a callback may be from ours.
const tolerance = 90 * time.Second

// genuine says whether Shopify signed the query of a callback, and lately.
func genuine(secret string, query url.Values, now time.Time) bool {
	at, err := strconv.ParseInt(query.Get("timestamp"), 10, 64)
	if err != nil || at < 0 || now.Sub(time.Unix(at, 0)).Abs() > tolerance {
		return false
	}
	return signed(secret, query)
}

// signed checks the signature of a query. Parameters that Foyer added are not part
// of it. Shopify's libraries differ in how they write a character that a URL
// escapes; none that we ask for has one, but a later one may, so both ways count.
func signed(secret string, query url.Values) bool {
	given, err := hex.DecodeString(query.Get("hmac"))
	if err != nil || len(given) != sha256.Size || secret == "" || len(query["hmac"]) != 1 {
		return false
	}
	plain := strings.NewReplacer("%", "%25", "&", "%26")
	key := strings.NewReplacer("%", "%25", "&", "%26", "=", "%3D")
	ok := false
	for _, form := range []string{
		joined(query, key.Replace, plain.Replace),
		joined(query, url.QueryEscape, url.QueryEscape),
	} {
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = mac.Write([]byte(form)) // a hash never fails
		ok = hmac.Equal(mac.Sum(nil), given) || ok
	}
	return ok
}

// joined is a query in the order of its names, without what is not signed.
func joined(query url.Values, key, value func(string) string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if name == "hmac" || name == "signature" || strings.HasPrefix(name, "ask.") || strings.HasPrefix(name, "handed.") {
			continue
		}
		for _, v := range query[name] {
			parts = append(parts, key(name)+"="+value(v))
		}
	}
	return strings.Join(parts, "&")
}
