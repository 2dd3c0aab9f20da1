with found as (
	select m.id, m.name, m.population, m.population_by,
		array_agg(distinct i.handle) filter (where i.handle <> '') as handles,
		array_agg(distinct i.platform) as platforms,
		(select array_agg(distinct r) from identity x cross join unnest(x.roles) r
			where x.organisation_id = @org and x.community_id = @com and x.member_id = m.id) as roles
	from member m
	join identity i on i.organisation_id = m.organisation_id and i.community_id = m.community_id and i.member_id = m.id
	where m.organisation_id = @org and m.community_id = @com and m.erased_at is null
		and (@population::integer is null or m.population = @population)
		and (@search::text = '' or strpos(lower(m.name), lower(@search)) > 0 or strpos(lower(i.handle), lower(@search)) > 0
			or strpos(lower(i.email), lower(@search)) > 0)
	group by m.id, m.name, m.population, m.population_by
), counted as (
	select f.*, coalesce((select sum(w.messages) from member_week w
		where w.organisation_id = @org and w.community_id = @com and w.member_id = f.id), 0) as messages
	from found f
)
select id, name, coalesce(handles, '{}'), platforms, coalesce(roles, '{}'), population, population_by, messages,
	coalesce((select max(d.day) from member_day d
		where d.organisation_id = @org and d.community_id = @com and d.member_id = c.id and d.active), 'epoch')::timestamptz
from counted c
order by messages desc, lower(name), id
offset @offset limit @limit + 1
