package e2e

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// named is the same site under a name: browsers give passkeys to no bare address.
func named(s site) site { return site{strings.Replace(s.url, "127.0.0.1", "localhost", 1)} }

// signOut leaves by the menu.
func signOut(t *testing.T, ctx context.Context, s site) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(s.url+"/settings/security"),
		chromedp.Click(chromedp.CSS(`.side form[action="/sign-out"] button`)), chromedp.WaitVisible(chromedp.CSS(`input[name=password]`)))
}

// TestDoor audits the pages before one is in, and those about getting in.
func TestDoor(t *testing.T) {
	t.Setenv("FOYER_OPEN_SIGN_UP", "true")
	ctx := browser(t)
	s := named(start(t))
	enter(t, ctx, s)
	for _, path := range []string{"/settings/security", "/settings/security/totp", "/settings/security/passkeys/new", "/settings/security/email", "/confirm"} {
		audit(t, ctx, s, path)
	}
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	signOut(t, ctx, s)
	for _, path := range []string{"/sign-in", "/sign-in/link", "/sign-in/sent?what=link", "/sign-up", "/reset/forged", "/join/forged"} {
		audit(t, ctx, s, path)
	}
}

// TestPasskey adds a key with a virtual device and signs in with it alone, without a
// pointer.
func TestPasskey(t *testing.T) {
	ctx := browser(t)
	s := named(start(t))
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	enter(t, ctx, s)
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	_, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: webauthn.AuthenticatorTransportInternal,
		HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	do(t, ctx, chromedp.Navigate(s.url+"/settings/security/passkeys/new"))
	tabTo(t, ctx, `main input[name=name]`)
	do(t, ctx, chromedp.KeyEvent(" bleue"))
	tabTo(t, ctx, `main form button`)
	do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(`.banner.good`)))
	if page := evaluate[string](t, ctx, `document.body.innerText`); !strings.Contains(page, "bleue") {
		t.Errorf("the page does not list the passkey:\n%s", page)
	}
	for range 2 { // the counter goes on
		signOut(t, ctx, s)
		tabTo(t, ctx, `[data-passkey] button`)
		do(t, ctx, chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(`input[type=file]`)))
	}
	// Removed, it opens nothing.
	do(t, ctx, chromedp.Navigate(s.url+"/settings/security"),
		chromedp.Click(chromedp.CSS(`main a[href^="/settings/security/passkeys/"]:not([href$=new])`)),
		chromedp.Click(chromedp.CSS(`form[action$="/remove"] button`)), chromedp.WaitVisible(chromedp.CSS(`.banner.good`)))
	signOut(t, ctx, s)
	do(t, ctx, chromedp.Click(chromedp.CSS(`[data-passkey] button`)), chromedp.WaitVisible(chromedp.CSS(`.banner.bad`)))
}

// code is what an authenticator app shows for a secret, some steps from now.
func code(t *testing.T, secret string, steps int64) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(strings.ReplaceAll(secret, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, time.Now().Unix()/30+steps)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:])&0x7fffffff)%1_000_000)
}

// TestTwoSteps sets up an authenticator app and signs in with password and code.
func TestTwoSteps(t *testing.T) {
	ctx := browser(t)
	s := named(start(t))
	do(t, ctx, chromedp.EmulateViewport(1440, 900))
	enter(t, ctx, s)
	do(t, ctx, chromedp.Navigate(s.url+"/settings/security/totp"))
	secret := evaluate[string](t, ctx, `document.querySelector(".secret").textContent`)
	if broken := evaluate[bool](t, ctx, `document.querySelector(".qr").naturalWidth === 0`); broken {
		t.Error("the QR code is not shown")
	}
	do(t, ctx, chromedp.SendKeys(chromedp.CSS(`input[name=code]`), code(t, secret, -1)), chromedp.KeyEvent("\r"), chromedp.WaitVisible(chromedp.CSS(`.codes`)))
	for _, violation := range violations(t, ctx) {
		t.Errorf("recovery codes: %s", violation)
	}
	keepPicture(t, ctx, "codes 1440 light")
	if n := evaluate[int](t, ctx, `document.querySelectorAll(".codes li").length`); n != 10 {
		t.Errorf("%d recovery codes", n)
	}
	signOut(t, ctx, s)
	do(t, ctx,
		chromedp.SendKeys(chromedp.CSS(`input[name=email]`), ownerEmail),
		chromedp.SendKeys(chromedp.CSS(`input[name=password]`), ownerPassword), chromedp.KeyEvent("\r"),
		chromedp.WaitVisible(chromedp.CSS(`input[name=code]`)))
	for _, violation := range violations(t, ctx) {
		t.Errorf("code: %s", violation)
	}
	keepPicture(t, ctx, "code 1440 light")
	do(t, ctx, chromedp.SendKeys(chromedp.CSS(`input[name=code]`), code(t, secret, 0)), chromedp.KeyEvent("\r"),
		chromedp.WaitVisible(chromedp.CSS(`input[type=file]`)))
}
