with touched as (
	select distinct day from roll_mutual
), risen as (
	select x.day, (x.day - x.mutual_new)::smallint as new_gap, coalesce(x.day - x.mutual_old, 32767)::smallint as old_gap
	from pair_day x join touched t on t.day = x.day
	where x.organisation_id = @org and x.community_id = @com and x.mutual_new is not null
), fresh as (
	select day, array_agg(gap order by gap) as gaps, array_agg(tail order by gap) as tail
	from (select day, new_gap as gap, sum(count(*)) over (partition by day order by new_gap desc)::integer as tail from risen group by day, new_gap) s
	group by day
), old as (
	select day, array_agg(gap order by gap) as gaps, array_agg(tail order by gap) as tail
	from (select day, old_gap as gap, sum(count(*)) over (partition by day order by old_gap desc)::integer as tail from risen group by day, old_gap) s
	group by day
)
insert into community_day as x (organisation_id, community_id, day, anonymous, bot_messages, unlinked, turns,
	peer_delays, team_delays, waiting, mutual_new_gaps, mutual_new_tail, mutual_old_gaps, mutual_old_tail)
select @org, @com, e.day, coalesce(w.anonymous, 0), coalesce(w.bot_messages, 0), coalesce(w.unlinked, 0), coalesce(w.turns, 0),
	coalesce(w.peer_delays, '{}'), coalesce(w.team_delays, '{}'), coalesce(w.waiting, '{}'),
	coalesce(f.gaps, '{}'), coalesce(f.tail, '{}'), coalesce(o.gaps, '{}'), coalesce(o.tail, '{}')
from (select day from touched union select day from roll_whole) e
left join roll_whole w on w.day = e.day left join fresh f on f.day = e.day left join old o on o.day = e.day
where w.day is not null or f.day is not null
	or exists (select from community_day y where y.organisation_id = @org and y.community_id = @com and y.day = e.day)
on conflict (organisation_id, community_id, day) do update set
	mutual_new_gaps = excluded.mutual_new_gaps, mutual_new_tail = excluded.mutual_new_tail,
	mutual_old_gaps = excluded.mutual_old_gaps, mutual_old_tail = excluded.mutual_old_tail
