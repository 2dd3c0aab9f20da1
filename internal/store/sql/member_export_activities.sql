select row_to_json(x) from (
	select a.occurred_at, case a.kind when 1 then 'message' when 2 then 'reaction' when 3 then 'join' when 4 then 'leave' when 5 then 'voice' else 'notice' end as kind,
		a.key as id, c.name as channel, a.parent_key as answers, a.amount, a.length, a.question, a.link, a.inferred as inferred_time, a.deleted, a.detail,
		a.identity_id as identity
	from activity a
	left join channel c on c.organisation_id = @org and c.community_id = @com and c.id = a.channel_id
	where a.organisation_id = @org and a.community_id = @com
		and a.identity_id in (select id from identity where organisation_id = @org and community_id = @com and member_id = @member)
	order by a.occurred_at, a.key
) x
