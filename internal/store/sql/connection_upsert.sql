insert into connection as c (organisation_id, community_id, platform, external_id, name,
	measures_joins, measures_leaves, measures_reactions, measures_replies, measures_list, horizon, decisions)
values (@org, @com, @platform, @external, @name, @joins, @leaves, @reactions, @replies, @list, @horizon, @decisions)
on conflict (organisation_id, community_id, platform, external_id) do update set
	name = coalesce(nullif(excluded.name, ''), c.name),
	measures_joins = c.measures_joins or excluded.measures_joins,
	measures_leaves = c.measures_leaves or excluded.measures_leaves,
	measures_reactions = c.measures_reactions or excluded.measures_reactions,
	measures_replies = c.measures_replies or excluded.measures_replies,
	measures_list = c.measures_list or excluded.measures_list,
	horizon = greatest(c.horizon, excluded.horizon),
	decisions = c.decisions || excluded.decisions
returning id
