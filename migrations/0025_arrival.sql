-- +goose Up
-- By which invitation somebody joined, where the source looks: one row a join. It
-- stands beside the activities and not in them because few joins have one, and
-- because whose invitations stayed is asked by inviter.
create table arrival (
	organisation_id bigint not null,
	community_id bigint not null,
	identity_id bigint not null,
	joined_at timestamptz not null,
	connection_id bigint not null,
	known boolean not null,        -- false: the source looked, and cannot tell
	code text not null default '', -- the platform's name of the invitation
	inviter_id bigint,             -- identity who made it; null for nobody
	primary key (organisation_id, community_id, identity_id, joined_at),
	foreign key (organisation_id, community_id, identity_id) references identity (organisation_id, community_id, id) on delete cascade,
	foreign key (organisation_id, community_id, inviter_id) references identity (organisation_id, community_id, id) on delete set null (inviter_id),
	foreign key (organisation_id, community_id, connection_id) references connection (organisation_id, community_id, id) on delete cascade
);
create index arrival_inviter on arrival (organisation_id, community_id, inviter_id, joined_at) where inviter_id is not null;
create index arrival_connection on arrival (organisation_id, community_id, connection_id);

select protect('arrival');
