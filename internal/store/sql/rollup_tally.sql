-- the counts of the days, by population
with gone as (
	delete from community_tally x using roll_day d
	where x.organisation_id = @org and x.community_id = @com and x.day = d.day
), hour as (
	select day, population, hour, count(*)::integer as n from roll_act
	where kind = 1 and population < 2 group by day, population, hour
), did as (
	select day, population, count(*) filter (where kind = 1) as messages, count(*) filter (where kind = 2 and member_id is not null) as reactions
	from roll_act where kind in (1, 2) and population < 2 group by day, population
), spoke as (
	select day, from_population as population, sum(n) filter (where to_population = 0) as to_members, sum(n) filter (where to_population = 1) as to_team
	from roll_exchange group by day, from_population
)
insert into roll_tally (day, population, messages, reactions, hours, to_members, to_team)
select d.day, d.population, d.messages, d.reactions,
	(select array_agg(coalesce(h.n, 0) order by g) from generate_series(0, 23) g
		left join hour h on h.hour = g and h.day = d.day and h.population = d.population),
	coalesce(s.to_members, 0), coalesce(s.to_team, 0)
from did d left join spoke s on s.day = d.day and s.population = d.population
