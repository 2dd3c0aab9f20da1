-- who addressed whom: reply, mention, reaction, thread answer; each person once per activity, bots never
insert into roll_exchange
select day, member_id, population, to_id, to_population, count(*), false
from (
	select distinct r.day, r.member_id, r.population, r.occurred_at, r.key, tm.id as to_id, tm.population as to_population
	from roll_act r
	cross join lateral unnest(array_append(coalesce(r.mentions, '{}'), r.parent_identity_id)) as x (identity_id)
	join identity ti on ti.organisation_id = @org and ti.community_id = @com and ti.id = x.identity_id
	join member tm on tm.organisation_id = @org and tm.community_id = @com and tm.id = ti.member_id
	where r.kind in (1, 2) and r.population < 2 and tm.population < 2 and tm.id <> r.member_id
) one
group by day, member_id, population, to_id, to_population
