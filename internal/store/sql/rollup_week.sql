insert into member_week (organisation_id, community_id, week, member_id, population, messages, reactions, active_days)
select @org, @com, c.week, c.member_id, max(x.population), sum(x.messages), sum(x.reactions), count(*) filter (where x.active)
from (select distinct member_id, date_trunc('week', day)::date as week from roll_diff) c
join member_day x on x.organisation_id = @org and x.community_id = @com and x.member_id = c.member_id
	and date_trunc('week', x.day)::date = c.week
where x.day >= (select date_trunc('week', min(day))::date from roll_day) and x.day < (select date_trunc('week', max(day))::date + 7 from roll_day)
group by c.week, c.member_id
