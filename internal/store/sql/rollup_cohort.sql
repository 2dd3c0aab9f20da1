insert into cohort_week (organisation_id, community_id, week, size, stayed, active)
select @org, @com, week, max(size),
	array_agg(stayed order by k), array_agg(active order by k)
from (
	select c.week, k.k, count(*) as size,
		count(*) filter (where exists (
			select from membership z
			where z.organisation_id = @org and z.community_id = @com and z.member_id = s.member_id
				and z.start_day <= c.week + 7 * k.k + 6 and (z.end_day is null or z.end_day > c.week + 7 * k.k + 6)))::integer as stayed,
		count(*) filter (where exists (
			select from member_week w
			where w.organisation_id = @org and w.community_id = @com and w.member_id = s.member_id
				and w.week = c.week + 7 * k.k and w.active_days > 0))::integer as active
	from (select distinct week from roll_cohort) c
	join membership s on s.organisation_id = @org and s.community_id = @com and s.start_day >= c.week and s.start_day < c.week + 7
		and s.number = 1 and not s.inferred and s.population = 0
	cross join unnest(@weeks::integer[]) as k (k)
	group by c.week, k.k
) x
group by week
