-- +goose Up
-- A browser keeps a logo for as long as its hash stays: pages write it into the address.
alter table organisation add column logo_hash text not null
	generated always as (coalesce(left(encode(sha256(logo), 'hex'), 16), '')) stored;
alter table client add column logo_hash text not null
	generated always as (coalesce(left(encode(sha256(logo), 'hex'), 16), '')) stored;

-- a person's view of the log begins at its newest entry
create index audit_entry_page on audit_entry (organisation_id, id desc);
