-- What each connection brought of business data.
select n.id, o.orders, s.subscriptions, c.customers, o.last
from connection n
cross join lateral (select count(*) as orders, max(at) as last from customer_order
	where organisation_id = @org and community_id = @com and connection_id = n.id and not removed) o
cross join lateral (select count(*) as subscriptions from subscription
	where organisation_id = @org and community_id = @com and connection_id = n.id and not removed) s
cross join lateral (select count(*) as customers from customer
	where organisation_id = @org and community_id = @com and connection_id = n.id and not guest) c
where n.organisation_id = @org and n.community_id = @com and o.orders + s.subscriptions + c.customers > 0
