package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// The states of a letter.
const (
	LetterWaiting = "waiting"
	LetterSent    = "sent"
	LetterFailed  = "failed" // refused, or tried too often
	LetterKept    = "kept"   // no mail server is configured: the operator reads it
)

// Letter is an e-mail that goes out. Its text is sealed: it may hold a link that
// lets somebody in.
type Letter struct {
	ID           int64
	Organisation int64 // 0: of a person or the instance
	User         int64 // 0: of nobody known
	Kind         string
	Recipient    string
	Subject      string
	Sealed       []byte
	State        string
	Attempts     int
	Failure      string // what the server said, without addresses
	Created      time.Time
	Done         time.Time
}

const letterColumns = `id, coalesce(organisation_id, 0), coalesce(user_id, 0), kind, recipient, subject, sealed, state, attempts, failure, created_at, done_at`

func scanLetter(row pgx.CollectableRow) (Letter, error) {
	var l Letter
	return l, row.Scan(&l.ID, &l.Organisation, &l.User, &l.Kind, &l.Recipient, &l.Subject, &l.Sealed, &l.State, &l.Attempts, &l.Failure,
		&l.Created, timeOrZero{&l.Done})
}

// PostLetter stores a letter, to be sent or, when State says so, to be kept.
func (s *Store) PostLetter(ctx context.Context, l Letter) (int64, error) {
	var id int64
	err := s.pool.QueryRow(Across(ctx), `insert into outgoing (organisation_id, user_id, kind, recipient, subject, sealed, state, done_at)
		values (nullif(@org::bigint, 0), nullif(@user::bigint, 0), @kind, @recipient, @subject, @sealed, @state,
			case when @state = 'kept' then now() end) returning id`, pgx.NamedArgs{
		"org": l.Organisation, "user": l.User, "kind": l.Kind, "recipient": clean(l.Recipient), "subject": clean(l.Subject),
		"sealed": l.Sealed, "state": l.State,
	}).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: post letter: %w", err)
	}
	return id, nil
}

// LetterTries bounds how often a letter is tried.
const LetterTries = 8

// DeliverLetter hands the letter that waits longest to send and notes what came of
// it; false when none is due. A letter is in the hands of one process at a time.
// send says whether trying again is of no use.
func (s *Store) DeliverLetter(ctx context.Context, send func(Letter) (final bool, failure error)) (bool, error) {
	found := false
	err := s.inTx(Across(ctx), func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `select `+letterColumns+` from outgoing
			where state = 'waiting' and due_at <= now() order by due_at, id limit 1 for update skip locked`)
		if err != nil {
			return err
		}
		l, err := pgx.CollectExactlyOneRow(rows, scanLetter)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		final, failure := send(l)
		state, text := LetterSent, ""
		if failure != nil {
			state, text = LetterWaiting, failure.Error()
			if final || l.Attempts+1 >= LetterTries {
				state = LetterFailed
			}
		}
		_, err = tx.Exec(ctx, `update outgoing set state = @state, attempts = attempts + 1, failure = @failure,
				due_at = now() + interval '15 seconds' * power(4, attempts), done_at = case when @state <> 'waiting' then now() end
			where id = @id`, pgx.NamedArgs{"id": l.ID, "state": state, "failure": clean(text)})
		return err
	})
	if err != nil {
		return found, fmt.Errorf("store: deliver letter: %w", err)
	}
	return found, nil
}

// Letters lists letters for the operator, the newest first; organisation 0 lists all.
func (s *Store) Letters(ctx context.Context, organisation int64, before int64, limit int) ([]Letter, error) {
	rows, err := s.pool.Query(Across(ctx), `select `+letterColumns+` from outgoing
		where (@org::bigint = 0 or organisation_id = @org) and (@before::bigint = 0 or id < @before)
		order by id desc limit @limit`, pgx.NamedArgs{"org": organisation, "before": before, "limit": limit})
	if err != nil {
		return nil, fmt.Errorf("store: letters: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanLetter)
	if err != nil {
		return nil, fmt.Errorf("store: letters: %w", err)
	}
	return list, nil
}

// Letter returns one letter, or community.ErrNotFound.
func (s *Store) Letter(ctx context.Context, id int64) (Letter, error) {
	rows, err := s.pool.Query(Across(ctx), `select `+letterColumns+` from outgoing where id = $1`, id)
	if err != nil {
		return Letter{}, fmt.Errorf("store: letter: %w", err)
	}
	l, err := pgx.CollectExactlyOneRow(rows, scanLetter)
	if err != nil {
		return l, fmt.Errorf("store: letter: %w", notFound(err))
	}
	return l, nil
}

// DropLetters removes letters that were done with before the age.
func (s *Store) DropLetters(ctx context.Context, age time.Duration) (int64, error) {
	tag, err := s.pool.Exec(Across(ctx), `delete from outgoing where done_at < now() - $1::interval`, age)
	if err != nil {
		return 0, fmt.Errorf("store: drop letters: %w", err)
	}
	return tag.RowsAffected(), nil
}
