-- which rows differ from what was there, and in what
insert into roll_diff
select coalesce(o.member_id, n.member_id), coalesce(o.day, n.day),
	coalesce(o.active, false) <> coalesce(n.active, false),
	coalesce(o.talked, false) <> coalesce(n.talked, false),
	o.joins is distinct from n.joins or o.leaves is distinct from n.leaves or o.leave_details is distinct from n.leave_details
		or (o.population is distinct from n.population and o.member_id is not null),
	least(o.first_at, n.first_at, o.guess_at, n.guess_at), greatest(o.last_at, n.last_at, o.guess_at, n.guess_at),
	n.member_id is null
from (
	select x.* from member_day x join roll_day d on d.day = x.day
	where x.organisation_id = @org and x.community_id = @com
) o
full join roll_member n on n.day = o.day and n.member_id = o.member_id
where (o.population, o.messages, o.reactions, o.voice, o.active, o.talked, o.first_at, o.last_at, o.guess_at, o.joins, o.leaves, o.leave_details)
	is distinct from (n.population, n.messages, n.reactions, n.voice, n.active, n.talked, n.first_at, n.last_at, n.guess_at, n.joins, n.leaves, n.leave_details)
