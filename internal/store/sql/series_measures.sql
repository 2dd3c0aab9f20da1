-- A source that could tell joins but never told one (an export without its
-- welcome messages), or reply links in hundreds of messages, does not measure them.
select coalesce(bool_and(measures_joins), false) and coalesce((select sum(joins) > 0 from community_tally
		where organisation_id = @org and community_id = @com), false), coalesce(bool_and(measures_leaves), false), coalesce(bool_and(measures_reactions), false),
	coalesce(bool_and(measures_replies), false) and (
		exists (select from reply where organisation_id = @org and community_id = @com)
		or coalesce((select sum(messages) < 200 from community_tally where organisation_id = @org and community_id = @com), true)), coalesce(bool_and(measures_list), false), coalesce(bool_or(not measures_replies), false),
	(select min(day) from community_day where organisation_id = @org and community_id = @com),
	greatest(max(horizon), (select max(d.last_at) from member_day d
		where d.organisation_id = @org and d.community_id = @com and d.last_at is not null
			and d.day >= (select max(day) - 1 from member_day where organisation_id = @org and community_id = @com and last_at is not null)))
from connection where organisation_id = @org and community_id = @com
