-- where a source has no reply links: who spoke after whom within a conversation
insert into roll_exchange
select day, member_id, population, before_id, before_population, count(*), true
from (
	select day, a, member_id, population, occurred_at,
		lag(member_id) over w as before_id, lag(population) over w as before_population, lag(occurred_at) over w as before_at
	from (
		select r.day, r.a, r.member_id, r.population, r.occurred_at, r.position, r.key, r.channel_id
		from roll_act r join channel c on c.organisation_id = @org and c.community_id = @com and c.id = r.channel_id
		where r.kind = 1 and r.population < 2 and c.turns
		union all
		-- the end of the day before
		select d.day, d.a, m.id, m.population, x.occurred_at, x.position, x.key, x.channel_id
		from roll_day d
		cross join lateral (
			select a.* from activity a
			where a.organisation_id = @org and a.community_id = @com and a.occurred_at >= d.a - @gap::interval and a.occurred_at < d.a
				and a.occurred_at >= @first::timestamptz - @gap::interval and a.occurred_at < @last and a.kind = 1 and not a.deleted
			offset 0 -- one index range a day
		) x
		join channel c on c.organisation_id = @org and c.community_id = @com and c.id = x.channel_id and c.turns
		join identity i on i.organisation_id = @org and i.community_id = @com and i.id = x.identity_id
		join member m on m.organisation_id = @org and m.community_id = @com and m.id = i.member_id
		where m.population < 2
	) line
	window w as (partition by day, channel_id order by occurred_at, position, key)
) turn
where occurred_at >= a and before_id <> member_id and occurred_at - before_at <= @gap::interval
	and exists (select from channel where organisation_id = @org and community_id = @com and turns)
group by day, member_id, population, before_id, before_population
