insert into member_day as x (organisation_id, community_id, day, member_id, population, messages, reactions, voice, active, talked,
	first_at, last_at, guess_at, joins, leaves, leave_details)
select @org, @com, n.day, n.member_id, n.population, n.messages, n.reactions, n.voice, n.active, n.talked,
	n.first_at, n.last_at, n.guess_at, n.joins, n.leaves, n.leave_details
from roll_member n join roll_diff d on d.day = n.day and d.member_id = n.member_id
on conflict (organisation_id, community_id, day, member_id) do update set
	population = excluded.population, messages = excluded.messages, reactions = excluded.reactions, voice = excluded.voice,
	active = excluded.active, talked = excluded.talked, first_at = excluded.first_at, last_at = excluded.last_at,
	guess_at = excluded.guess_at, joins = excluded.joins, leaves = excluded.leaves, leave_details = excluded.leave_details
