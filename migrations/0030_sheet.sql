-- +goose Up
-- How tables of a shape are read, as somebody last said it: the answer for the
-- next file of that shape.
create table sheet_mapping (
	organisation_id bigint not null,
	community_id bigint not null,
	shape text not null,                    -- a digest of the names of the columns
	mapping jsonb not null,
	used_at timestamptz not null default now(),
	primary key (organisation_id, community_id, shape),
	foreign key (organisation_id, community_id) references community (organisation_id, id) on delete cascade
);
select protect('sheet_mapping');

-- new or changed records of business data
alter table import add column records bigint not null default 0;

-- The refused lines of a table themselves, to be corrected and sent again. They
-- are sealed and are dropped after a while.
alter table refusal add column lines bytea not null default '';
create index refusal_lines on refusal (organisation_id, community_id, import_id, id) where lines <> '';
