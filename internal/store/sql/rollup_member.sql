-- what each member did on each day; also those who were only addressed
insert into roll_member
select coalesce(d.day, t.day), coalesce(d.member_id, t.member_id), coalesce(d.population, 0),
	coalesce(d.messages, 0), coalesce(d.reactions, 0), coalesce(d.voice, 0), coalesce(d.active, false), t.member_id is not null,
	d.first_at, d.last_at, d.guess_at, d.joins, d.leaves, d.leave_details
from (
	select day, member_id, population,
		count(*) filter (where kind = 1) as messages,
		count(*) filter (where kind = 2) as reactions,
		coalesce(sum(amount) filter (where kind = 5), 0) as voice,
		coalesce(bool_or(kind in (1, 2)), false) or coalesce(sum(amount) filter (where kind = 5), 0) >= 300 as active,
		min(occurred_at) filter (where kind in (1, 2, 5) and not inferred) as first_at,
		max(occurred_at) filter (where kind in (1, 2, 5) and not inferred) as last_at,
		min(occurred_at) filter (where kind in (1, 2, 5) and inferred) as guess_at,
		array_agg(occurred_at order by occurred_at, key) filter (where kind = 3) as joins,
		array_agg(occurred_at order by occurred_at, key) filter (where kind = 4) as leaves,
		array_agg(detail order by occurred_at, key) filter (where kind = 4) as leave_details
	from roll_act
	where member_id is not null and population < 2 and kind in (1, 2, 3, 4, 5)
	group by day, member_id, population
) d
full join (
	select day, from_id as member_id from roll_exchange where from_population = 0 and to_population = 0
	union
	select day, to_id from roll_exchange where from_population = 0 and to_population = 0
) t on t.day = d.day and t.member_id = d.member_id
