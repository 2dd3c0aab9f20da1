-- The currencies and days for which orders need a rate.
select o.currency, (o.at at time zone c.time_zone)::date as day
from unnest(@ids::bigint[]) p (id) join customer_order o on o.organisation_id = @org and o.community_id = @com and o.id = p.id
join community c on c.organisation_id = @org and c.id = @com
where not o.removed and (o.rate_from is null or o.rate_due or o.base_currency <> @base)
group by 1, 2
