-- The currencies and days for which orders need a rate. @ids null: of all orders.
select o.currency, (o.at at time zone c.time_zone)::date as day
from customer_order o join community c on c.organisation_id = @org and c.id = @com
where o.organisation_id = @org and o.community_id = @com and not o.removed and (o.id = any (@ids::bigint[]) or @ids::bigint[] is null)
	and (o.rate_from is null or o.rate_due or o.base_currency <> @base)
group by 1, 2
