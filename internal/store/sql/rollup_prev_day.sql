-- The rows whose previous day may have changed: those that changed, and of the
-- same member the next one after each. All are looked up in the final table.
with changed as (
	select member_id, day from roll_diff where active_changed
), stale as (
	select member_id, day from changed
	union
	select c.member_id, n.day from changed c cross join lateral (
		select x.day from member_day x
		where x.organisation_id = @org and x.community_id = @com and x.member_id = c.member_id and x.day > c.day and x.active
		order by x.day limit 1) n
), right_now as (
	select s.member_id, s.day, (
		select max(p.day) from member_day p
		where p.organisation_id = @org and p.community_id = @com and p.member_id = s.member_id and p.day < s.day and p.active) as prev
	from stale s
), mended as (
	update member_day x set prev_day = case when x.active then r.prev end
	from right_now r
	where x.organisation_id = @org and x.community_id = @com and x.day = r.day and x.member_id = r.member_id
		and x.prev_day is distinct from case when x.active then r.prev end
	returning x.day
)
insert into roll_touched select distinct day from mended
