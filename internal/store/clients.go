package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/foyer-app/foyer/internal/community"
)

// Client is a brand that an agency animates communities for.
type Client struct {
	ID           int64
	Organisation int64
	Name         string
	LogoHash     string // changes with the logo; empty: none
	Communities  int    // that are its own
	Created      time.Time
	Archived     time.Time // zero: in use
}

const clientQuery = `select c.id, c.organisation_id, c.name, c.logo_hash, c.created_at, c.archived_at,
	(select count(*) from community m where m.organisation_id = c.organisation_id and m.client_id = c.id)
	from client c where c.organisation_id = @org`

func scanClient(row pgx.CollectableRow) (Client, error) {
	var c Client
	return c, row.Scan(&c.ID, &c.Organisation, &c.Name, &c.LogoHash, &c.Created, timeOrZero{&c.Archived}, &c.Communities)
}

// Clients lists an organisation's clients by name, archived ones last.
func (s *Store) Clients(ctx context.Context, organisation int64) ([]Client, error) {
	rows, err := s.pool.Query(within(ctx, organisation), clientQuery+` order by c.archived_at is not null, lower(c.name), c.id`,
		pgx.NamedArgs{"org": organisation})
	if err != nil {
		return nil, fmt.Errorf("store: clients: %w", err)
	}
	list, err := pgx.CollectRows(rows, scanClient)
	if err != nil {
		return nil, fmt.Errorf("store: clients: %w", err)
	}
	return list, nil
}

// Client returns one client, or community.ErrNotFound.
func (s *Store) Client(ctx context.Context, organisation, id int64) (Client, error) {
	rows, err := s.pool.Query(within(ctx, organisation), clientQuery+` and c.id = @id`, pgx.NamedArgs{"org": organisation, "id": id})
	if err != nil {
		return Client{}, fmt.Errorf("store: client: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanClient)
	if err != nil {
		return c, fmt.Errorf("store: client: %w", notFound(err))
	}
	return c, nil
}

// CreateClient makes a client; ErrExists when the organisation has one of that name.
func (s *Store) CreateClient(ctx context.Context, organisation int64, name string) (int64, error) {
	var id int64
	err := s.pool.QueryRow(within(ctx, organisation), `insert into client (organisation_id, name) values ($1, $2) returning id`,
		organisation, clean(name)).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("store: create client: %w", taken(err, "client_name"))
	}
	return id, nil
}

// RenameClient gives a client another name; ErrExists when another one has it.
func (s *Store) RenameClient(ctx context.Context, organisation, id int64, name string) error {
	return s.setClient(ctx, "rename client", organisation, id, `name = @name`, pgx.NamedArgs{"name": clean(name)})
}

// ArchiveClient takes a client out of the lists to choose from, or puts it back.
func (s *Store) ArchiveClient(ctx context.Context, organisation, id int64, archived bool) error {
	return s.setClient(ctx, "archive client", organisation, id, `archived_at = case when @archived then coalesce(archived_at, now()) end`,
		pgx.NamedArgs{"archived": archived})
}

// SetClientLogo keeps a client's logo, a PNG; nil takes it away.
func (s *Store) SetClientLogo(ctx context.Context, organisation, id int64, png []byte) error {
	return s.setClient(ctx, "client logo", organisation, id, `logo = @logo`, pgx.NamedArgs{"logo": png})
}

func (s *Store) setClient(ctx context.Context, what string, organisation, id int64, set string, args pgx.NamedArgs) error {
	args["org"], args["id"] = organisation, id
	tag, err := s.pool.Exec(within(ctx, organisation), `update client set `+set+` where organisation_id = @org and id = @id`, args)
	if err == nil && tag.RowsAffected() == 0 {
		err = community.ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("store: %s: %w", what, taken(err, "client_name"))
	}
	return nil
}

// ClientLogo returns a client's logo, a PNG, and its hash; community.ErrNotFound when it has none.
func (s *Store) ClientLogo(ctx context.Context, organisation, id int64) (png []byte, hash string, err error) {
	err = s.pool.QueryRow(within(ctx, organisation), `select logo, logo_hash from client where organisation_id = $1 and id = $2 and logo is not null`,
		organisation, id).Scan(&png, &hash)
	if err != nil {
		return nil, "", fmt.Errorf("store: client logo: %w", notFound(err))
	}
	return png, hash, nil
}
