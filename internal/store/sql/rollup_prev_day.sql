-- From the first changed day of each member on, the days before it on which
-- they were active, and on which they exchanged with a member. What lies before
-- that day has not changed.
with changed as (
	select member_id, min(day) as since from roll_diff where active_changed or talk_changed group by member_id
), run as (
	select x.day, x.member_id, x.active, x.talked, x.prev_day, x.prev_talk, c.since,
		max(x.day) filter (where x.active) over w as active_before, max(x.day) filter (where x.talked) over w as talked_before
	from changed c join member_day x on x.organisation_id = @org and x.community_id = @com and x.member_id = c.member_id and x.day >= c.since
	window w as (partition by x.member_id order by x.day rows between unbounded preceding and 1 preceding)
), right_now as (
	select r.day, r.member_id, r.prev_day as was_day, r.prev_talk as was_talk,
		case when r.active then coalesce(r.active_before, (
			select max(p.day) from member_day p
			where p.organisation_id = @org and p.community_id = @com and p.member_id = r.member_id and p.day < r.since and p.active)) end as prev_day,
		case when r.talked then coalesce(r.talked_before, (
			select max(p.day) from member_day p
			where p.organisation_id = @org and p.community_id = @com and p.member_id = r.member_id and p.day < r.since and p.talked)) end as prev_talk
	from run r
), mended as (
	update member_day x set prev_day = r.prev_day, prev_talk = r.prev_talk
	from right_now r
	where x.organisation_id = @org and x.community_id = @com and x.day = r.day and x.member_id = r.member_id
		and (r.was_day, r.was_talk) is distinct from (r.prev_day, r.prev_talk)
	returning x.day
)
insert into roll_touched select distinct day from mended
