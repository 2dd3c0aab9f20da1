select row_to_json(x) from (
	select day, messages, reactions, voice as voice_seconds, active, talked as exchanged, first_at, last_at, joins, leaves, prev_day as previous_active_day
	from member_day where organisation_id = @org and community_id = @com and member_id = @member order by day
) x
