with page as (
	select m.id, m.name, m.population, m.population_by
	from member m
	where m.organisation_id = @org and m.community_id = @com and m.id > @after
		and (@population::integer is null or m.population = @population)
		and (@search::text = '' or strpos(lower(m.name), lower(@search)) > 0 or exists (
			select from identity i where i.organisation_id = @org and i.community_id = @com and i.member_id = m.id
				and strpos(lower(i.handle), lower(@search)) > 0))
	order by m.id
	limit @limit
)
select p.id, p.name, coalesce(i.handles, '{}'), coalesce(i.platforms, '{}'), p.population, p.population_by,
	coalesce(d.messages, 0)::bigint, d.last::timestamp at time zone 'UTC'
from page p
cross join lateral (
	select array_agg(distinct x.handle) filter (where x.handle <> '') as handles, array_agg(distinct x.platform) as platforms
	from identity x where x.organisation_id = @org and x.community_id = @com and x.member_id = p.id
) i
cross join lateral (
	select sum(x.messages) as messages, max(x.day) filter (where x.active) as last
	from member_day x where x.organisation_id = @org and x.community_id = @com and x.member_id = p.id
) d
order by p.id
