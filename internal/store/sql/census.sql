-- what exists: no system lines, no tombstones; nameless reactions less their known givers
with own as (
	select id from connection where organisation_id = @org and community_id = @com and (@platform::text = '' or platform = @platform)
), live as (
	select a.kind, a.occurred_at, a.key, a.identity_id, a.channel_id, a.amount
	from activity a
	where a.organisation_id = @org and a.community_id = @com and not a.deleted and a.connection_id in (select id from own)
), nameless as (
	select sum(greatest(0, n.amount - (
		select count(*) from activity k where k.organisation_id = @org and k.community_id = @com and k.occurred_at = n.occurred_at
			and k.kind = 2 and not k.deleted and k.identity_id is not null and starts_with(k.key, n.key) and k.key <> n.key)))::bigint as n
	from live n where n.kind = 2 and n.identity_id is null
), total as (
	select count(*) as activities, count(*) filter (where kind = 1) as messages, count(*) filter (where kind = 2 and identity_id is not null) as reactions,
		count(*) filter (where kind = 3) as joins, count(*) filter (where kind = 4) as leaves,
		coalesce(min(occurred_at) filter (where kind = 1), 'epoch') as first, coalesce(max(occurred_at) filter (where kind = 1), 'epoch') as last
	from live
), people as (
	select count(distinct i.member_id) filter (where not i.bot) as members, count(distinct i.member_id) filter (where i.bot) as bots
	from identity i
	where i.organisation_id = @org and i.community_id = @com and (@platform::text = '' or i.platform = @platform)
		and (i.listed or i.id in (select identity_id from live where kind = 1))
)
select t.activities, t.messages, t.reactions + coalesce(n.n, 0), t.joins, t.leaves, t.first, t.last, p.members, p.bots,
	(select count(*) from channel c where c.organisation_id = @org and c.community_id = @com and c.kind <> 1 and c.connection_id in (select id from own))
from total t, nameless n, people p
