select coalesce(p.id, c.id) as id, coalesce(p.name, c.name) as name, k.platform,
	coalesce(sum(d.messages) filter (where d.day >= @from), 0)::integer as messages,
	coalesce(sum(d.messages) filter (where d.day < @from), 0)::integer as previous
from channel_day d
join channel c on c.organisation_id = @org and c.community_id = @com and c.id = d.channel_id
left join channel p on p.organisation_id = @org and p.community_id = @com and p.id = c.parent_id and c.kind = 1
join connection k on k.organisation_id = @org and k.community_id = @com and k.id = c.connection_id
where d.organisation_id = @org and d.community_id = @com and d.day >= @before and d.day < @to
group by 1, 2, 3
order by 4 desc, 2, 1
