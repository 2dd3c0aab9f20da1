-- who is a bot, who is team; answers whether anybody who counts already changed sides
with rule as (
	select i.member_id,
		case when bool_or(i.bot) then 2
			when bool_or(lower(split_part(i.email, '@', 2)) = any (c.team_domains) and i.email <> '') then 1
			when bool_or(exists (select from unnest(i.roles) r where lower(r) = any (c.team_roles))) then 1
			else 0 end as population,
		case when bool_or(i.bot) then 'platform'
			when bool_or(lower(split_part(i.email, '@', 2)) = any (c.team_domains) and i.email <> '') then 'domain'
			when bool_or(exists (select from unnest(i.roles) r where lower(r) = any (c.team_roles))) then 'role'
			else '' end as population_by
	from identity i join community c on c.organisation_id = i.organisation_id and c.id = i.community_id
	where i.organisation_id = @org and i.community_id = @com
		and (@identities::bigint[] is null or i.member_id in (select x.member_id from identity x
			where x.organisation_id = @org and x.community_id = @com and x.id = any (@identities)))
	group by i.member_id
), changed as (
	update member m set population = r.population, population_by = r.population_by
	from rule r
	where m.organisation_id = @org and m.community_id = @com and m.id = r.member_id
		and m.population_by not in ('hand', 'erased') and (m.population, m.population_by) is distinct from (r.population::smallint, r.population_by)
	returning m.id, m.population
)
select exists (select from changed c join member_day d
	on d.organisation_id = @org and d.community_id = @com and d.member_id = c.id)
