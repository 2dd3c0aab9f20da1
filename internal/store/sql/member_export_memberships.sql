select row_to_json(x) from (
	select number, started_at, inferred, ended_at, end_detail as ended_how from membership
	where organisation_id = @org and community_id = @com and member_id = @member order by number
) x
