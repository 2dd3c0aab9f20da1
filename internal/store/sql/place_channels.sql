-- threads count with their channel; of people writing in both, the more on one day
select coalesce(p.connection_id, c.connection_id), coalesce(p.name, c.name), coalesce(p.kind, c.kind),
	sum(d.messages)::integer, max(d.members)::integer
from channel_day d
join channel c on c.organisation_id = @org and c.community_id = @com and c.id = d.channel_id
left join channel p on p.organisation_id = @org and p.community_id = @com and p.id = c.parent_id and c.kind = 1
where d.organisation_id = @org and d.community_id = @com and d.day >= @from and d.day < @to
group by 1, coalesce(p.id, c.id), 2, 3
order by 1, 4 desc, 2
