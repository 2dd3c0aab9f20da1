-- The previous days are right at once when no other day lies between these;
-- where one does, the next step mends them.
with seed as materialized (
	select m.member_id,
		(select max(p.day) from member_day p where p.organisation_id = @org and p.community_id = @com and p.member_id = m.member_id
			and p.day < (select min(day) from roll_day) and p.active) as active_before,
		(select max(p.day) from member_day p where p.organisation_id = @org and p.community_id = @com and p.member_id = m.member_id
			and p.day < (select min(day) from roll_day) and p.talked) as talked_before
	from (select distinct member_id from roll_diff where not gone) m
), run as (
	select n.*, max(n.day) filter (where n.active) over w as active_last, max(n.day) filter (where n.talked) over w as talked_last
	from roll_member n
	window w as (partition by n.member_id order by n.day rows between unbounded preceding and 1 preceding)
)
insert into member_day as x (organisation_id, community_id, day, member_id, population, messages, reactions, voice, active, talked,
	first_at, last_at, guess_at, joins, leaves, leave_details, prev_day, prev_talk)
select @org, @com, n.day, n.member_id, n.population, n.messages, n.reactions, n.voice, n.active, n.talked,
	n.first_at, n.last_at, n.guess_at, n.joins, n.leaves, n.leave_details,
	case when n.active then coalesce(n.active_last, s.active_before) end, case when n.talked then coalesce(n.talked_last, s.talked_before) end
from run n
join roll_diff d on d.day = n.day and d.member_id = n.member_id
join seed s on s.member_id = n.member_id
on conflict (organisation_id, community_id, day, member_id) do update set
	population = excluded.population, messages = excluded.messages, reactions = excluded.reactions, voice = excluded.voice,
	active = excluded.active, talked = excluded.talked, first_at = excluded.first_at, last_at = excluded.last_at,
	guess_at = excluded.guess_at, joins = excluded.joins, leaves = excluded.leaves, leave_details = excluded.leave_details
