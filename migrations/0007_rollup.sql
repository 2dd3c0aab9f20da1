-- +goose Up
-- one row per member and local day on which anything is known of the member
create table member_day (
	organisation_id bigint not null,
	community_id bigint not null,
	day date not null,
	member_id bigint not null,
	population smallint not null,
	messages integer not null,
	reactions integer not null,
	voice integer not null,          -- seconds
	active boolean not null,
	talked boolean not null,         -- exchanged with another member, either way
	first_at timestamptz,            -- of contributions whose own time is known
	last_at timestamptz,
	guess_at timestamptz,            -- first of contributions whose time is inferred
	joins timestamptz[],
	leaves timestamptz[],
	leave_details text[],
	prev_day date,                   -- the member's previous active day
	prev_talk date,                  -- the member's previous day of exchange
	primary key (organisation_id, community_id, day, member_id)
) with (fillfactor = 70); -- the previous days are mended in place
create index member_day_member on member_day (organisation_id, community_id, member_id, day);

create table member_week (
	organisation_id bigint not null,
	community_id bigint not null,
	week date not null, -- its Monday
	member_id bigint not null,
	population smallint not null,
	messages integer not null,
	reactions integer not null,
	active_days smallint not null,
	primary key (organisation_id, community_id, week, member_id)
);

-- spells of membership
create table membership (
	organisation_id bigint not null,
	community_id bigint not null,
	member_id bigint not null,
	number integer not null, -- 1 is the first
	population smallint not null,
	started_at timestamptz not null,
	start_day date not null,
	inferred boolean not null,
	ended_at timestamptz,
	end_day date,
	end_detail text not null default '',
	prev_end_day date,
	primary key (organisation_id, community_id, member_id, number)
);
create index membership_start on membership (organisation_id, community_id, start_day);
create index membership_end on membership (organisation_id, community_id, end_day) where end_day is not null;

-- exchanges between two members on one day; low_id < high_id
create table pair_day (
	organisation_id bigint not null,
	community_id bigint not null,
	day date not null,
	low_id bigint not null,
	high_id bigint not null,
	forward integer not null,  -- low addressed high
	backward integer not null,
	last_forward date,         -- up to and including this day
	last_backward date,
	mutual_new date,           -- the earlier of the two, when it rose this day
	mutual_old date,           -- what it was before; null for never
	primary key (organisation_id, community_id, day, low_id, high_id)
) with (fillfactor = 70);
create index pair_day_pair on pair_day (organisation_id, community_id, low_id, high_id, day);

-- what one population (0 members, 1 team) did on one day
create table community_tally (
	organisation_id bigint not null,
	community_id bigint not null,
	day date not null,
	population smallint not null,
	messages integer not null default 0,
	reactions integer not null default 0,
	hours integer[] not null default array_fill(0, array[24]),
	to_members integer not null default 0,
	to_team integer not null default 0,
	active integer not null default 0,
	active_gaps smallint[] not null default '{}',
	active_tail integer[] not null default '{}',
	talk_gaps smallint[] not null default '{}',
	talk_tail integer[] not null default '{}',
	joins integer not null default 0,
	inferred integer not null default 0,
	returns integer not null default 0,
	leaves integer not null default 0,
	kicked integer not null default 0,
	inferred_ended integer not null default 0,
	activated integer not null default 0,
	arrival_gaps smallint[] not null default '{}',
	arrival_tail integer[] not null default '{}',
	primary key (organisation_id, community_id, day, population)
);

create table community_day (
	organisation_id bigint not null,
	community_id bigint not null,
	day date not null,
	anonymous integer not null default 0, -- reactions whose givers the source does not name
	bot_messages integer not null default 0,
	unlinked integer not null default 0,
	turns integer not null default 0,
	mutual_new_gaps smallint[] not null default '{}',
	mutual_new_tail integer[] not null default '{}',
	mutual_old_gaps smallint[] not null default '{}',
	mutual_old_tail integer[] not null default '{}',
	peer_delays integer[] not null default '{}',
	team_delays integer[] not null default '{}',
	waiting bigint[] not null default '{}',
	primary key (organisation_id, community_id, day)
);

create table channel_day (
	organisation_id bigint not null,
	community_id bigint not null,
	day date not null,
	channel_id bigint not null,
	messages integer not null,
	members integer not null, -- distinct people who wrote there that day
	primary key (organisation_id, community_id, day, channel_id)
);

create table cohort_week (
	organisation_id bigint not null,
	community_id bigint not null,
	week date not null,
	size integer not null,
	stayed integer[] not null, -- at the weeks of CohortWeeks
	active integer[] not null,
	primary key (organisation_id, community_id, week)
);

-- contributions by member over one window, kept until a day of it is recomputed
create table member_share (
	organisation_id bigint not null,
	community_id bigint not null,
	from_day date not null,
	to_day date not null,
	shares integer[] not null, -- messages, largest first, members only
	primary key (organisation_id, community_id, from_day, to_day)
);
