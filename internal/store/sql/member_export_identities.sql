select row_to_json(x) from (
	select id, platform, external_id, name, handle, email, roles, bot, guest, outside, departed, listed, created_at as first_seen
	from identity where organisation_id = @org and community_id = @com and member_id = @member order by id
) x
