-- The spell of membership that a join lies in says whether it lasted. Of joins
-- that are too young it is not known yet, unless they have ended.
with came as (
	select i.member_id as inviter, j.member_id as guest, a.joined_at
	from arrival a
	join identity i on i.organisation_id = @org and i.community_id = @com and i.id = a.inviter_id
	join identity j on j.organisation_id = @org and j.community_id = @com and j.id = a.identity_id
	where a.organisation_id = @org and a.community_id = @com and a.inviter_id is not null
		and a.joined_at >= @from and a.joined_at < @to and i.member_id <> j.member_id
), lasted as (
	select c.inviter, c.joined_at + @stay::interval as due, coalesce(s.ended_at, 'infinity') as ended_at
	from came c
	join member g on g.organisation_id = @org and g.community_id = @com and g.id = c.guest and g.population = 0
	left join lateral (
		select x.ended_at from membership x
		where x.organisation_id = @org and x.community_id = @com and x.member_id = c.guest and x.started_at <= c.joined_at
		order by x.started_at desc limit 1
	) s on true
)
select l.inviter, m.name, count(*), count(*) filter (where l.due <= @now and l.ended_at >= l.due),
	count(*) filter (where l.due > @now and l.ended_at > @now)
from lasted l
join member m on m.organisation_id = @org and m.community_id = @com and m.id = l.inviter and m.population = 0
group by l.inviter, m.name
order by 4 desc, 3 desc, 1
