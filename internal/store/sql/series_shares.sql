select sum(n)::integer as n from (
	select member_id, sum(messages) as n from member_week
	where organisation_id = @org and community_id = @com and week >= @week_from and week < @week_to and population = 0
	group by member_id
	union all
	select member_id, sum(messages) from member_day
	where organisation_id = @org and community_id = @com and population = 0
		and ((day >= @from and day < @week_from) or (day >= @week_to and day < @to))
	group by member_id
) x group by member_id having sum(n) > 0 order by 1 desc
