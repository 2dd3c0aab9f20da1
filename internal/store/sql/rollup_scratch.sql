-- Made once per connection, emptied at the end of each transaction.
create temporary table if not exists roll_day (day date primary key, a timestamptz not null, z timestamptz not null) on commit delete rows;
create temporary table if not exists roll_act (day date, a timestamptz, member_id bigint, population smallint, kind smallint, occurred_at timestamptz,
	key text collate "C", position integer, hour smallint, channel_id bigint, amount integer, inferred boolean, question boolean, unlinked boolean,
	parent_at timestamptz, parent_key text collate "C", parent_identity_id bigint, mentions bigint[], detail text) on commit delete rows;
create temporary table if not exists roll_exchange (day date, from_id bigint, from_population smallint, to_id bigint, to_population smallint,
	n integer, turn boolean) on commit delete rows;
create temporary table if not exists roll_member (day date, member_id bigint, population smallint, messages integer, reactions integer, voice integer,
	active boolean, talked boolean, first_at timestamptz, last_at timestamptz, guess_at timestamptz,
	joins timestamptz[], leaves timestamptz[], leave_details text[]) on commit delete rows;
create temporary table if not exists roll_diff (member_id bigint, day date, active_changed boolean, talk_changed boolean, moved boolean,
	low_seen timestamptz, high_seen timestamptz, gone boolean) on commit delete rows;
create temporary table if not exists roll_person (member_id bigint primary key) on commit delete rows;
create temporary table if not exists roll_touched (day date) on commit delete rows;
create temporary table if not exists roll_cohort (week date) on commit delete rows;
create temporary table if not exists roll_pair (day date, low_id bigint, high_id bigint, forward integer, backward integer, gone boolean) on commit delete rows;
create temporary table if not exists roll_mutual (day date) on commit delete rows
;
create temporary table if not exists roll_tally (day date, population smallint, messages integer, reactions integer, hours integer[],
	to_members integer, to_team integer) on commit delete rows
;
create temporary table if not exists roll_whole (day date, anonymous integer, bot_messages integer, unlinked integer, turns integer,
	peer_delays integer[], team_delays integer[], waiting bigint[]) on commit delete rows
