package account

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"strings"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/foyer-app/foyer/internal/secret"
	"github.com/foyer-app/foyer/internal/store"
)

const (
	totpPurpose = "totp"
	totpPeriod  = 30 // seconds of one code
	// RecoveryCodes is how many are given at a time.
	RecoveryCodes = 10
)

// ErrCode says that a code is wrong, was used before or is not of now.
var ErrCode = errors.New("wrong or used code")

// TOTPKey is what an authenticator app is told.
type TOTPKey struct {
	Secret string // in groups of four, to be typed
	URL    string // to be drawn as a QR code
}

// SetUpTOTP gives a person a new secret, not in force before ConfirmTOTP. A person who
// has one in force keeps it: ErrSecondFactor.
func (a *Accounts) SetUpTOTP(ctx context.Context, u store.User, issuer string) (TOTPKey, error) {
	if u.HasTOTP() {
		return TOTPKey{}, fmt.Errorf("account: set up totp: %w", ErrSecondFactor)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: plainLabel(issuer), AccountName: plainLabel(u.Email), SecretSize: 20})
	if err != nil {
		return TOTPKey{}, fmt.Errorf("account: set up totp: %w", err)
	}
	if err := a.Store.SetTOTP(ctx, u.ID, a.Ring.Seal(totpPurpose, []byte(key.Secret()))); err != nil {
		return TOTPKey{}, fmt.Errorf("account: set up totp: %w", err)
	}
	return showKey(key), nil
}

// ErrSecondFactor says that two-step sign-in is on already.
var ErrSecondFactor = errors.New("two-step sign-in is on")

// PendingTOTP is the secret that a person was given and has not confirmed; false when
// there is none.
func (a *Accounts) PendingTOTP(u store.User, issuer string) (TOTPKey, bool, error) {
	if len(u.TOTP) == 0 || u.HasTOTP() {
		return TOTPKey{}, false, nil
	}
	plain, err := a.totpSecret(u)
	if err != nil {
		return TOTPKey{}, false, err
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(plain)
	if err != nil {
		return TOTPKey{}, false, fmt.Errorf("account: pending totp: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: plainLabel(issuer), AccountName: plainLabel(u.Email), Secret: raw})
	if err != nil {
		return TOTPKey{}, false, fmt.Errorf("account: pending totp: %w", err)
	}
	return showKey(key), true, nil
}

// plainLabel keeps the signs out that divide the label of a key.
func plainLabel(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == ':' || r < ' ' {
			return ' '
		}
		return r
	}, text))
	if text == "" {
		return "Foyer"
	}
	return text
}

func showKey(key *otp.Key) TOTPKey {
	var groups []string
	for s := key.Secret(); s != ""; s = s[min(4, len(s)):] {
		groups = append(groups, s[:min(4, len(s))])
	}
	return TOTPKey{Secret: strings.Join(groups, " "), URL: key.URL()}
}

func (a *Accounts) totpSecret(u store.User) (string, error) {
	plain, err := a.Ring.Open(totpPurpose, u.TOTP)
	if err != nil {
		return "", fmt.Errorf("account: totp: %w", err)
	}
	return string(plain), nil
}

// ConfirmTOTP puts a person's secret in force when they can say a code of it, and
// returns their recovery codes, which are shown once. ErrCode for a wrong code.
func (a *Accounts) ConfirmTOTP(ctx context.Context, u store.User, code string) ([]string, error) {
	if len(u.TOTP) == 0 || u.HasTOTP() {
		return nil, fmt.Errorf("account: confirm totp: %w", ErrSecondFactor)
	}
	if err := a.CheckTOTP(ctx, u, code); err != nil {
		return nil, err
	}
	codes, err := a.NewRecoveryCodes(ctx, u.ID)
	if err == nil {
		err = a.Store.ConfirmTOTP(ctx, u.ID)
	}
	if err != nil {
		return nil, fmt.Errorf("account: confirm totp: %w", err)
	}
	return codes, nil
}

// NewRecoveryCodes replaces a person's recovery codes.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, user int64) ([]string, error) {
	codes, hashes := secret.RecoveryCodes(RecoveryCodes)
	if err := a.Store.ReplaceRecoveryCodes(ctx, user, hashes); err != nil {
		return nil, fmt.Errorf("account: recovery codes: %w", err)
	}
	return codes, nil
}

// CheckTOTP spends a code of six digits: of now, or of half a minute before or after,
// and later than any that was used. ErrCode otherwise.
func (a *Accounts) CheckTOTP(ctx context.Context, u store.User, code string) error {
	code = digits(code)
	if len(u.TOTP) == 0 || len(code) != 6 {
		return ErrCode
	}
	plain, err := a.totpSecret(u)
	if err != nil {
		return err
	}
	step := a.Now().Unix() / totpPeriod
	for _, at := range []int64{step, step - 1, step + 1} {
		ok, err := hotp.ValidateCustom(code, uint64(at), plain, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err != nil {
			return fmt.Errorf("account: totp: %w", err)
		}
		if !ok {
			continue
		}
		fresh, err := a.Store.UseTOTPStep(ctx, u.ID, at)
		if err != nil {
			return fmt.Errorf("account: totp: %w", err)
		}
		if !fresh {
			return ErrCode
		}
		return nil
	}
	return ErrCode
}

// CheckSecond spends a code of the app or a recovery code; recovery says which.
// ErrCode when it is neither.
func (a *Accounts) CheckSecond(ctx context.Context, u store.User, code string) (recovery bool, err error) {
	if len(digits(code)) == 6 && len(strings.TrimSpace(code)) < 10 {
		return false, a.CheckTOTP(ctx, u, code)
	}
	ok, err := a.Store.UseRecoveryCode(ctx, u.ID, secret.HashRecoveryCode(short(code, 100)))
	if err != nil {
		return false, fmt.Errorf("account: recovery code: %w", err)
	}
	if !ok {
		return false, ErrCode
	}
	return true, nil
}

// EndTOTP takes the secret and the recovery codes of a person away.
func (a *Accounts) EndTOTP(ctx context.Context, user int64) error {
	err := a.Store.SetTOTP(ctx, user, nil)
	if err == nil {
		err = a.Store.ReplaceRecoveryCodes(ctx, user, nil)
	}
	if err != nil {
		return fmt.Errorf("account: end totp: %w", err)
	}
	return nil
}

// digits are the digits of a code that may have been typed with spaces.
func digits(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, short(code, 100))
}
