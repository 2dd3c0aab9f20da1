select a.occurred_at, a.key,
	case a.kind when 1 then 'message' when 2 then 'reaction' when 3 then 'join' when 4 then 'leave' when 5 then 'voice' else 'notice' end,
	k.platform, coalesce(c.name, ''), coalesce(m.id, 0), coalesce(m.name, ''), coalesce(i.external_id, ''), coalesce(m.population, 0)::integer,
	coalesce(a.parent_key, ''), a.amount, a.length, a.question, a.link, a.inferred, a.detail
from (
	select * from activity
	where organisation_id = @org and community_id = @com and not deleted
		and occurred_at >= coalesce(greatest(@since::timestamptz, @after::timestamptz), '-infinity')
		and (occurred_at, key) > (coalesce(@after, '-infinity'), @key::text)
		and occurred_at < coalesce(@until::timestamptz, 'infinity')
	order by occurred_at, key
	limit @limit
) a
join connection k on k.organisation_id = a.organisation_id and k.community_id = a.community_id and k.id = a.connection_id
left join channel c on c.organisation_id = a.organisation_id and c.community_id = a.community_id and c.id = a.channel_id
left join identity i on i.organisation_id = a.organisation_id and i.community_id = a.community_id and i.id = a.identity_id
left join member m on m.organisation_id = i.organisation_id and m.community_id = i.community_id and m.id = i.member_id
order by a.occurred_at, a.key
