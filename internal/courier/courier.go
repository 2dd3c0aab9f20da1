// Package courier sends Foyer's e-mails: each is stored sealed before anybody
// tries to send it, and kept for the operator where no mail server is configured.
package courier

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/foyer-app/foyer/internal/mail"
	"github.com/foyer-app/foyer/internal/store"
	"github.com/foyer-app/foyer/internal/vault"
	"github.com/foyer-app/foyer/web/i18n"
)

// purpose binds what the vault seals to letters.
const purpose = store.PurposeLetter

// Kept is how long letters can be read after they were sent or kept.
const Kept = 30 * 24 * time.Hour

// Config is what a Courier needs.
type Config struct {
	Store     *store.Store
	Ring      *vault.Ring
	Transport mail.Transport // nil: letters are kept
	Log       *slog.Logger
}

// Courier posts and delivers letters. All its methods can run in several
// processes at once.
type Courier struct{ Config }

// New returns a Courier.
func New(c Config) *Courier { return &Courier{c} }

// Letter is what is to be said to whom.
type Letter struct {
	Organisation int64 // 0: of a person or the instance
	User         int64 // 0: of nobody known
	Kind         mail.Kind
	Locale       i18n.Locale
	Data         mail.Data
}

// Sends says whether letters go out by themselves.
func (c *Courier) Sends() bool { return c.Transport != nil }

// Post writes a letter and stores it; it goes out in a moment.
func (c *Courier) Post(ctx context.Context, l Letter) error {
	m, err := mail.Render(l.Kind, l.Locale, l.Data)
	if err != nil {
		return fmt.Errorf("courier: post: %w", err)
	}
	body, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("courier: post: %w", err)
	}
	state := store.LetterWaiting
	if c.Transport == nil {
		state = store.LetterKept
	}
	id, err := c.Store.PostLetter(ctx, store.Letter{
		Organisation: l.Organisation, User: l.User, Kind: string(l.Kind), Recipient: m.To, Subject: m.Subject,
		Sealed: c.Ring.Seal(purpose, body), State: state,
	})
	if err != nil {
		return fmt.Errorf("courier: post: %w", err)
	}
	if c.Transport == nil {
		// The text stays sealed: a log is no place for a link that lets somebody in.
		c.Log.WarnContext(ctx, "no mail server is configured: the letter is kept for the operator to read",
			slog.Int64("letter", id), slog.String("kind", string(l.Kind)))
	}
	return nil
}

// Open returns the text of a stored letter.
func (c *Courier) Open(l store.Letter) (mail.Message, error) {
	var m mail.Message
	body, err := c.Ring.Open(purpose, l.Sealed)
	if err != nil {
		return m, fmt.Errorf("courier: open: %w", err)
	}
	if err := json.Unmarshal(body, &m); err != nil {
		return m, fmt.Errorf("courier: open: %w", err)
	}
	return m, nil
}

// Deliver sends the letters that are due and says how many went out.
func (c *Courier) Deliver(ctx context.Context) (int, error) {
	if c.Transport == nil {
		return 0, nil
	}
	sent := 0
	for ctx.Err() == nil {
		found, err := c.Store.DeliverLetter(ctx, func(l store.Letter) (bool, error) {
			final, err := c.send(ctx, l)
			if err == nil {
				sent++
			} else {
				c.Log.WarnContext(ctx, "letter not sent", slog.Int64("letter", l.ID), slog.String("kind", l.Kind), slog.Bool("final", final), slog.Any("error", err))
			}
			return final, err
		})
		if err != nil || !found {
			return sent, err
		}
	}
	return sent, ctx.Err()
}

func (c *Courier) send(ctx context.Context, l store.Letter) (final bool, err error) {
	m, err := c.Open(l)
	if err != nil {
		return true, err
	}
	// The same letter has the same id each time: a second delivery is recognised.
	m.ID = "letter-" + strconv.FormatInt(l.ID, 10) + "-" + strconv.FormatInt(l.Created.UnixMilli(), 36)
	err = c.Transport.Send(ctx, m)
	var permanent *mail.PermanentError
	return errors.As(err, &permanent), err
}
