package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/foyer-app/foyer/internal/community"
)

// SetOrganisation keeps what an organisation says of itself: name, kind, colours,
// time zone, fiscal year, currency, week and language. The rest of o is not looked at.
func (s *Store) SetOrganisation(ctx context.Context, o Organisation) error {
	return s.setOrganisation(ctx, "organisation", o.ID, `name = @name, kind = @kind, brand_colour = @colour, brand_ink = @ink, time_zone = @zone,
		fiscal_start = @fiscal, currency = @currency, week_start = @week, language = @language`, pgx.NamedArgs{
		"name": clean(o.Name), "kind": o.Kind, "colour": o.BrandColour, "ink": o.BrandInk, "zone": o.TimeZone, "fiscal": o.FiscalStart,
		"currency": o.Currency, "week": o.WeekStart, "language": o.Language,
	})
}

// SetLogo keeps an organisation's logo, a PNG; nil takes it away.
func (s *Store) SetLogo(ctx context.Context, organisation int64, png []byte) error {
	return s.setOrganisation(ctx, "logo", organisation, `logo = @logo`, pgx.NamedArgs{"logo": png})
}

func (s *Store) setOrganisation(ctx context.Context, what string, organisation int64, set string, args pgx.NamedArgs) error {
	ctx = within(ctx, organisation)
	args["id"] = organisation
	tag, err := s.pool.Exec(ctx, `update organisation set `+set+` where id = @id`, args)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: set %s: %w", what, err)
	}
	return nil
}

// Logo returns an organisation's logo, a PNG, and its hash; community.ErrNotFound when it has none.
func (s *Store) Logo(ctx context.Context, organisation int64) (png []byte, hash string, err error) {
	ctx = within(ctx, organisation)
	err = s.pool.QueryRow(ctx, `select logo, logo_hash from organisation where id = $1 and logo is not null`, organisation).Scan(&png, &hash)
	if err != nil {
		return nil, "", fmt.Errorf("store: logo: %w", notFound(err))
	}
	return png, hash, nil
}

// taken is ErrExists for a broken rule of uniqueness of that name, else err.
func taken(err error, constraint string) error {
	var pgErr *pgconn.PgError
	if errors.As(err, &pgErr) && pgErr.ConstraintName == constraint {
		return ErrExists
	}
	return err
}
