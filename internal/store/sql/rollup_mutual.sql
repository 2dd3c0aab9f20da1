-- From the first changed day of each pair on: the last day of each direction,
-- and where the earlier of the two rose.
with changed as (
	select low_id, high_id, min(day) as since from roll_pair group by low_id, high_id
), seed as (
	select c.*, b.last_forward, b.last_backward
	from changed c left join lateral (
		select x.last_forward, x.last_backward from pair_day x
		where x.organisation_id = @org and x.community_id = @com and x.low_id = c.low_id and x.high_id = c.high_id and x.day < c.since
		order by x.day desc limit 1) b on true
), run as (
	select x.day, x.low_id, x.high_id, s.last_forward as seed_forward, s.last_backward as seed_backward,
		coalesce(max(x.day) filter (where x.forward > 0) over w, s.last_forward) as last_forward,
		coalesce(max(x.day) filter (where x.backward > 0) over w, s.last_backward) as last_backward
	from seed s join pair_day x on x.organisation_id = @org and x.community_id = @com
		and x.low_id = s.low_id and x.high_id = s.high_id and x.day >= s.since
	window w as (partition by x.low_id, x.high_id order by x.day)
), level as (
	-- least() would take the one that is there when the other is not
	select *, case when last_forward is not null and last_backward is not null then least(last_forward, last_backward) end as now_mutual,
		case when seed_forward is not null and seed_backward is not null then least(seed_forward, seed_backward) end as seed_mutual
	from run
), step as (
	select *, case when row_number() over w = 1 then seed_mutual else lag(now_mutual) over w end as was_mutual
	from level window w as (partition by low_id, high_id order by day)
), mended as (
	update pair_day x set last_forward = s.last_forward, last_backward = s.last_backward,
		mutual_new = case when s.now_mutual is distinct from s.was_mutual then s.now_mutual end,
		mutual_old = case when s.now_mutual is distinct from s.was_mutual then s.was_mutual end
	from step s
	where x.organisation_id = @org and x.community_id = @com and x.day = s.day and x.low_id = s.low_id and x.high_id = s.high_id
		and (x.last_forward, x.last_backward, x.mutual_new, x.mutual_old) is distinct from (s.last_forward, s.last_backward,
			case when s.now_mutual is distinct from s.was_mutual then s.now_mutual end,
			case when s.now_mutual is distinct from s.was_mutual then s.was_mutual end)
	returning x.day
)
insert into roll_mutual select day from mended union select day from roll_day
