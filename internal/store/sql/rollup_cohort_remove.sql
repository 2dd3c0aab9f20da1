-- the join weeks whose later weeks fell on a changed day, beside those of people
-- whose membership changed
with more as (
	insert into roll_cohort
	select distinct date_trunc('week', d.day)::date - 7 * k from roll_diff d cross join unnest(@weeks::integer[]) k
	returning week
)
delete from cohort_week c using (select week from more union select week from roll_cohort) r
where c.organisation_id = @org and c.community_id = @com and c.week = r.week
