-- +goose Up
-- activities that are known by their key alone: the moment at which each one stands
create table keyed (
	organisation_id bigint not null,
	community_id bigint not null,
	key text collate "C" not null,
	occurred_at timestamptz not null,
	primary key (organisation_id, community_id, key),
	foreign key (organisation_id, community_id) references community (organisation_id, id) on delete cascade
);

-- the newest version of what has not come yet: an edit that came before its message
create table keyed_version (
	organisation_id bigint not null,
	community_id bigint not null,
	key text collate "C" not null,
	revision bigint not null,
	deleted boolean not null,
	length integer not null,
	question boolean not null,
	link boolean not null,
	received_at timestamptz not null default now(),
	primary key (organisation_id, community_id, key),
	foreign key (organisation_id, community_id) references community (organisation_id, id) on delete cascade
);

-- activities that are stored and whose parent has not come yet
create table keyed_child (
	organisation_id bigint not null,
	community_id bigint not null,
	parent_key text collate "C" not null,
	occurred_at timestamptz not null,
	key text collate "C" not null,
	primary key (organisation_id, community_id, parent_key, occurred_at, key),
	foreign key (organisation_id, community_id) references community (organisation_id, id) on delete cascade
);

select protect('keyed'), protect('keyed_version'), protect('keyed_child');
