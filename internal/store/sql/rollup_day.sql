-- what belongs to the day as a whole: what the source could not name, and questions
with gone as (
	delete from community_day x using roll_day d
	where x.organisation_id = @org and x.community_id = @com and x.day = d.day
), nameless as (
	-- a nameless reaction carries the whole count: the known givers come off
	select day, sum(greatest(0, amount - known))::integer as anonymous
	from (
		select n.day, n.key, n.amount, count(k.key) as known
		from roll_act n left join roll_act k on k.kind = 2 and k.member_id is not null and k.occurred_at = n.occurred_at
			and k.key <> n.key and starts_with(k.key, n.key)
		where n.kind = 2 and n.member_id is null
		group by n.day, n.occurred_at, n.key, n.amount
	) x
	group by day
), line as (
	select day, count(*) filter (where population = 2 and kind = 1)::integer as bots,
		count(*) filter (where unlinked and kind in (1, 2) and population < 2)::integer as unlinked
	from roll_act group by day
), turn as (
	select day, sum(n)::integer as turns from roll_exchange where turn group by day
), asked as materialized (
	select q.day, q.occurred_at, q.key, q.member_id, q.channel_id, q.position, q.parent_at, q.parent_key, coalesce(c.turns, false) as turns
	from roll_act q left join channel c on c.organisation_id = @org and c.community_id = @com and c.id = q.channel_id
	where q.kind = 1 and q.question and q.population = 0
), reaction as (
	-- what answers it: a reply to it;
	select q.key, q.occurred_at as asked_at, q.member_id, r.occurred_at as at, r.key as reply_key, r.identity_id
	from asked q join reply r on r.organisation_id = @org and r.community_id = @com and r.parent_at = q.occurred_at and r.parent_key = q.key
	where r.parent_at >= @first and r.parent_at < @last
	union all
	-- inside a thread, the next message of somebody else in it;
	select q.key, q.occurred_at, q.member_id, r.occurred_at, r.key, r.identity_id
	from asked q join reply r on r.organisation_id = @org and r.community_id = @com and r.parent_at = q.parent_at and r.parent_key = q.parent_key
	where q.parent_key is not null and r.occurred_at > q.occurred_at and r.occurred_at <= q.occurred_at + @reach::interval
	union all
	-- without reply links, the next to speak within the conversation
	select q.key, q.occurred_at, q.member_id, x.occurred_at, to_char(x.position, '000000') || x.key, x.identity_id
	from asked q cross join lateral (
		select a.occurred_at, a.position, a.key, a.identity_id, a.channel_id from activity a
		where a.organisation_id = @org and a.community_id = @com
			and a.occurred_at >= q.occurred_at and a.occurred_at <= q.occurred_at + @gap::interval
			and a.occurred_at >= @first and a.occurred_at < @last::timestamptz + @gap::interval
			and a.kind = 1 and not a.deleted
		offset 0 -- one index range a question
	) x
	where q.turns and x.channel_id = q.channel_id and (x.occurred_at, x.position) > (q.occurred_at, q.position)
), first as (
	select distinct on (r.asked_at, r.key) r.asked_at, r.key, r.at, m.population
	from reaction r
	join identity i on i.organisation_id = @org and i.community_id = @com and i.id = r.identity_id
	join member m on m.organisation_id = @org and m.community_id = @com and m.id = i.member_id
	where m.id <> r.member_id and m.population < 2
	order by r.asked_at, r.key, r.at, r.reply_key
), answered as (
	select q.day, q.occurred_at, f.at, f.population
	from asked q left join first f on f.asked_at = q.occurred_at and f.key = q.key
), question as (
	select day,
		array_agg(extract(epoch from at - occurred_at)::integer order by at - occurred_at) filter (where population = 0) as peer,
		array_agg(extract(epoch from at - occurred_at)::integer order by at - occurred_at) filter (where population = 1) as team,
		array_agg(extract(epoch from occurred_at)::bigint order by occurred_at) filter (where at is null) as waiting
	from answered group by day
)
insert into roll_whole (day, anonymous, bot_messages, unlinked, turns, peer_delays, team_delays, waiting)
select l.day, coalesce(n.anonymous, 0), l.bots, l.unlinked + coalesce(n.anonymous, 0), coalesce(t.turns, 0),
	coalesce(q.peer, '{}'), coalesce(q.team, '{}'), coalesce(q.waiting, '{}')
from line l left join nameless n on n.day = l.day left join turn t on t.day = l.day left join question q on q.day = l.day
