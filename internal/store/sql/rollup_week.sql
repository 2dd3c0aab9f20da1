insert into member_week (organisation_id, community_id, week, member_id, population, messages, reactions, active_days)
select @org, @com, c.week, c.member_id, max(x.population), sum(x.messages), sum(x.reactions), count(*) filter (where x.active)
from (select distinct member_id, date_trunc('week', day)::date as week from roll_diff) c
join member_day x on x.organisation_id = @org and x.community_id = @com and x.member_id = c.member_id
	and x.day >= c.week and x.day < c.week + 7
group by c.week, c.member_id
