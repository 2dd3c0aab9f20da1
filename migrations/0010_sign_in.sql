-- +goose Up
-- Browsers and networks that a person signed in from, as fingerprints: a new one is
-- told by mail. Not tenant-owned, like the person.
create table device (
	user_id bigint not null references app_user (id) on delete cascade,
	fingerprint bytea not null,
	first_at timestamptz not null default now(),
	seen_at timestamptz not null default now(),
	primary key (user_id, fingerprint)
);

-- Tickets of one person and purpose are ended together.
create index ticket_user on ticket (user_id, purpose) where used_at is null;
