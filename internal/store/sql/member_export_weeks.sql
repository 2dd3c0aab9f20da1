select row_to_json(x) from (
	select week, messages, reactions, active_days from member_week
	where organisation_id = @org and community_id = @com and member_id = @member order by week
) x
