-- everything about the touched days that follows from member_day and membership
with touched as (
	select distinct day from roll_touched
), active as (
	select day, population, array_agg(gap order by gap) as gaps, array_agg(tail order by gap) as tail, max(tail) as people
	from (
		select day, population, gap, sum(count(*)) over (partition by day, population order by gap desc)::integer as tail
		from (select x.day, x.population, coalesce(x.day - x.prev_day, 32767)::smallint as gap
			from member_day x join touched t on t.day = x.day
			where x.organisation_id = @org and x.community_id = @com and x.active) g
		group by day, population, gap) s
	group by day, population
), talk as (
	select day, population, array_agg(gap order by gap) as gaps, array_agg(tail order by gap) as tail
	from (
		select day, population, gap, sum(count(*)) over (partition by day, population order by gap desc)::integer as tail
		from (select x.day, x.population, coalesce(x.day - x.prev_talk, 32767)::smallint as gap
			from member_day x join touched t on t.day = x.day
			where x.organisation_id = @org and x.community_id = @com and x.talked) g
		group by day, population, gap) s
	group by day, population
), arrival as (
	select day, population, array_agg(gap order by gap) as gaps, array_agg(tail order by gap) as tail
	from (
		select day, population, gap, sum(count(*)) over (partition by day, population order by gap desc)::integer as tail
		from (select s.start_day as day, s.population, coalesce(s.start_day - s.prev_end_day, 32767)::smallint as gap
			from membership s join touched t on t.day = s.start_day
			where s.organisation_id = @org and s.community_id = @com) g
		group by day, population, gap) s
	group by day, population
), began as (
	select s.start_day as day, s.population,
		count(*) filter (where s.number = 1 and not s.inferred) as joins,
		count(*) filter (where s.number = 1 and s.inferred) as inferred,
		count(*) filter (where s.number > 1) as returns,
		count(*) filter (where s.number = 1 and not s.inferred and exists (
			select from member_day x
			where x.organisation_id = @org and x.community_id = @com and x.member_id = s.member_id and x.active
				and x.day >= s.start_day and x.day < s.start_day + 7)) as activated
	from membership s join touched t on t.day = s.start_day
	where s.organisation_id = @org and s.community_id = @com
	group by 1, 2
), ended as (
	select s.end_day as day, s.population, count(*) as leaves,
		count(*) filter (where s.end_detail in ('kicked', 'banned', 'removed')) as kicked,
		count(*) filter (where s.inferred and s.number = 1) as inferred_ended
	from membership s join touched t on t.day = s.end_day
	where s.organisation_id = @org and s.community_id = @com
	group by 1, 2
), every as (
	select day, population from active union select day, population from talk union select day, population from arrival
	union select day, population from ended union select day, population from roll_tally
	union select x.day, x.population from community_tally x join touched t on t.day = x.day
		where x.organisation_id = @org and x.community_id = @com
)
insert into community_tally as x (organisation_id, community_id, day, population, messages, reactions, hours, to_members, to_team,
	active, active_gaps, active_tail, talk_gaps, talk_tail, joins, inferred, returns, leaves, kicked, inferred_ended, activated, arrival_gaps, arrival_tail)
select @org, @com, e.day, e.population, coalesce(r.messages, 0), coalesce(r.reactions, 0), coalesce(r.hours, array_fill(0, array[24])),
	coalesce(r.to_members, 0), coalesce(r.to_team, 0),
	coalesce(a.people, 0), coalesce(a.gaps, '{}'), coalesce(a.tail, '{}'), coalesce(k.gaps, '{}'), coalesce(k.tail, '{}'),
	coalesce(b.joins, 0), coalesce(b.inferred, 0), coalesce(b.returns, 0), coalesce(n.leaves, 0), coalesce(n.kicked, 0),
	coalesce(n.inferred_ended, 0), coalesce(b.activated, 0), coalesce(v.gaps, '{}'), coalesce(v.tail, '{}')
from every e
left join roll_tally r on r.day = e.day and r.population = e.population
left join active a on a.day = e.day and a.population = e.population
left join talk k on k.day = e.day and k.population = e.population
left join arrival v on v.day = e.day and v.population = e.population
left join began b on b.day = e.day and b.population = e.population
left join ended n on n.day = e.day and n.population = e.population
on conflict (organisation_id, community_id, day, population) do update set
	active = excluded.active, active_gaps = excluded.active_gaps, active_tail = excluded.active_tail,
	talk_gaps = excluded.talk_gaps, talk_tail = excluded.talk_tail, joins = excluded.joins, inferred = excluded.inferred,
	returns = excluded.returns, leaves = excluded.leaves, kicked = excluded.kicked, inferred_ended = excluded.inferred_ended,
	activated = excluded.activated, arrival_gaps = excluded.arrival_gaps, arrival_tail = excluded.arrival_tail
