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
	coalesce((select sum(w.messages) from member_week w
		where w.organisation_id = @org and w.community_id = @com and w.member_id = p.id), 0)::bigint,
	(select max(d.day) from member_day d
		where d.organisation_id = @org and d.community_id = @com and d.member_id = p.id and d.active)::timestamp at time zone 'UTC'
from page p
cross join lateral (
	select array_agg(distinct x.handle) filter (where x.handle <> '') as handles, array_agg(distinct x.platform) as platforms
	from identity x where x.organisation_id = @org and x.community_id = @com and x.member_id = p.id
) i
order by p.id
