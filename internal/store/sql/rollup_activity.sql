-- what happened on the days, with who did it
insert into roll_act
-- (a message by nobody named counts with the members' volume, and for nobody)
select d.day, d.a, i.member_id, coalesce(m.population, 0), a.kind, a.occurred_at, a.key, a.position,
	extract(hour from a.occurred_at at time zone @zone::text)::smallint, a.channel_id, a.amount, a.inferred, a.question,
	a.unlinked or (a.parent_key is not null and a.parent_identity_id is null),
	a.parent_at, a.parent_key, a.parent_identity_id, a.mentions, a.detail
from roll_day d
join activity a on a.organisation_id = @org and a.community_id = @com and a.occurred_at >= d.a and a.occurred_at < d.z
left join identity i on i.organisation_id = @org and i.community_id = @com and i.id = a.identity_id
left join member m on m.organisation_id = @org and m.community_id = @com and m.id = i.member_id
where a.occurred_at >= @first and a.occurred_at < @last and not a.deleted
