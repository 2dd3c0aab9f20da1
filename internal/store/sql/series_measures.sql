select coalesce(bool_and(measures_joins), false), coalesce(bool_and(measures_leaves), false), coalesce(bool_and(measures_reactions), false),
	coalesce(bool_and(measures_replies), false), coalesce(bool_and(measures_list), false), coalesce(bool_or(not measures_replies), false),
	(select min(day) from community_day where organisation_id = @org and community_id = @com),
	greatest(max(horizon), (select max(d.last_at) from member_day d
		where d.organisation_id = @org and d.community_id = @com and d.last_at is not null
			and d.day >= (select max(day) - 1 from member_day where organisation_id = @org and community_id = @com and last_at is not null)))
from connection where organisation_id = @org and community_id = @com
