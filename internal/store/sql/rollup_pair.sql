-- exchanges between two members, where they differ from what was there
insert into roll_pair
select coalesce(n.day, o.day), coalesce(n.low_id, o.low_id), coalesce(n.high_id, o.high_id),
	coalesce(n.forward, 0), coalesce(n.backward, 0), n.day is null
from (
	select day, least(from_id, to_id) as low_id, greatest(from_id, to_id) as high_id,
		coalesce(sum(n) filter (where from_id < to_id), 0)::integer as forward,
		coalesce(sum(n) filter (where from_id > to_id), 0)::integer as backward
	from roll_exchange where from_population = 0 and to_population = 0
	group by 1, 2, 3
) n
full join (
	select x.day, x.low_id, x.high_id, x.forward, x.backward from pair_day x join roll_day d on d.day = x.day
	where x.organisation_id = @org and x.community_id = @com
) o on o.day = n.day and o.low_id = n.low_id and o.high_id = n.high_id
where (o.forward, o.backward) is distinct from (n.forward, n.backward)
