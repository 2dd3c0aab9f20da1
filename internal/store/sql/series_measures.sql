-- A source that could tell joins but never told one (an export without its
-- welcome messages), or reply links in hundreds of messages, does not measure them.
select coalesce(bool_and(measures_joins), false) and exists (select from community_tally
		where organisation_id = @org and community_id = @com and joins > 0), coalesce(bool_and(measures_leaves), false), coalesce(bool_and(measures_reactions), false),
	coalesce(bool_and(measures_replies), false) and (
		exists (select from reply where organisation_id = @org and community_id = @com)
		or coalesce((select sum(messages) < 200 from community_tally where organisation_id = @org and community_id = @com), true)), coalesce(bool_and(measures_list), false), coalesce(bool_or(not measures_replies), false),
	(select day from community_day where organisation_id = @org and community_id = @com order by day limit 1),
	greatest(max(horizon), (select max(d.last_at) from member_day d
		where d.organisation_id = @org and d.community_id = @com and d.day = (
			select l.day from member_day l where l.organisation_id = @org and l.community_id = @com and l.last_at is not null
			order by l.day desc limit 1)))
from connection where organisation_id = @org and community_id = @com
