select a.occurred_at, case a.kind when 1 then 'message' when 2 then 'reaction' when 3 then 'join' when 4 then 'leave' when 5 then 'voice' else 'notice' end,
	k.platform, coalesce(c.name, ''), coalesce(m.name, ''), coalesce(i.external_id, ''), coalesce(m.population = 1, false), coalesce(i.bot, false),
	a.key, coalesce(a.parent_key, ''), a.amount, a.length, a.question, a.link, a.inferred, a.detail
from activity a
join connection k on k.organisation_id = a.organisation_id and k.community_id = a.community_id and k.id = a.connection_id
left join channel c on c.organisation_id = a.organisation_id and c.community_id = a.community_id and c.id = a.channel_id
left join identity i on i.organisation_id = a.organisation_id and i.community_id = a.community_id and i.id = a.identity_id
left join member m on m.organisation_id = i.organisation_id and m.community_id = i.community_id and m.id = i.member_id
where a.organisation_id = @org and a.community_id = @com and a.occurred_at >= @from and a.occurred_at < @to and not a.deleted
order by a.occurred_at, a.key
