-- what happened on the days, with who did it; a message by nobody named counts
-- with the members' volume, and for nobody
insert into roll_act
select d.day, d.a, i.member_id, coalesce(m.population, 0), a.kind, a.occurred_at, a.key, a.position,
	extract(hour from a.occurred_at at time zone @zone::text)::smallint, a.channel_id, a.amount, a.inferred, a.question,
	a.unlinked or (a.parent_key is not null and a.parent_identity_id is null),
	a.parent_at, a.parent_key, a.parent_identity_id, a.mentions, a.detail
from roll_day d
cross join lateral (
	select * from activity x
	where x.organisation_id = @org and x.community_id = @com and x.occurred_at >= d.a and x.occurred_at < d.z
		and x.occurred_at >= @first and x.occurred_at < @last and not x.deleted
	offset 0 -- one index range a day, whatever the planner believes of the table's size
) a
left join identity i on i.organisation_id = @org and i.community_id = @com and i.id = a.identity_id
left join member m on m.organisation_id = @org and m.community_id = @com and m.id = i.member_id
