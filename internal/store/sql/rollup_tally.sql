-- the counts of the days, by population
with gone as (
	delete from community_tally x using roll_day d
	where x.organisation_id = @org and x.community_id = @com and x.day = d.day
), did as (
	select day, population, count(*) filter (where kind = 1) as messages, count(*) filter (where kind = 2 and member_id is not null) as reactions,
		array[count(*) filter (where kind = 1 and hour = 0), count(*) filter (where kind = 1 and hour = 1), count(*) filter (where kind = 1 and hour = 2),
		count(*) filter (where kind = 1 and hour = 3), count(*) filter (where kind = 1 and hour = 4), count(*) filter (where kind = 1 and hour = 5),
		count(*) filter (where kind = 1 and hour = 6), count(*) filter (where kind = 1 and hour = 7), count(*) filter (where kind = 1 and hour = 8),
		count(*) filter (where kind = 1 and hour = 9), count(*) filter (where kind = 1 and hour = 10), count(*) filter (where kind = 1 and hour = 11),
		count(*) filter (where kind = 1 and hour = 12), count(*) filter (where kind = 1 and hour = 13), count(*) filter (where kind = 1 and hour = 14),
		count(*) filter (where kind = 1 and hour = 15), count(*) filter (where kind = 1 and hour = 16), count(*) filter (where kind = 1 and hour = 17),
		count(*) filter (where kind = 1 and hour = 18), count(*) filter (where kind = 1 and hour = 19), count(*) filter (where kind = 1 and hour = 20),
		count(*) filter (where kind = 1 and hour = 21), count(*) filter (where kind = 1 and hour = 22), count(*) filter (where kind = 1 and hour = 23)]::integer[] as hours
	from roll_act where kind in (1, 2) and population < 2 group by day, population
), spoke as (
	select day, from_population as population, sum(n) filter (where to_population = 0) as to_members, sum(n) filter (where to_population = 1) as to_team
	from roll_exchange group by day, from_population
)
insert into roll_tally (day, population, messages, reactions, hours, to_members, to_team)
select d.day, d.population, d.messages, d.reactions, d.hours, coalesce(s.to_members, 0), coalesce(s.to_team, 0)
from did d left join spoke s on s.day = d.day and s.population = d.population
