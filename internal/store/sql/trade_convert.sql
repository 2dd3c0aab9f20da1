-- Orders in the organisation's currency, by the last rate on or before the day of
-- the order, at most ten days old, crossed through the euro and rounded once. A
-- rate that was found is frozen until the order's currency or that of the
-- organisation changes. @ids null: all that have none.
with base as (select currency from organisation where id = @org),
o as (
	select x.id, x.currency, x.exponent, x.net_minor, x.refunded_minor, b.currency as base, (x.at at time zone 'UTC')::date as day,
		case when x.base_currency = b.currency and x.rate is not null then x.rate end as frozen
	from customer_order x, base b
	where x.organisation_id = @org and x.community_id = @com
		and (x.id = any (@ids::bigint[]) or (@ids::bigint[] is null and (x.base_currency <> b.currency or x.rate is null)))
), rated as (
	select o.*, case
		when o.currency = o.base then 1::numeric
		when o.frozen is not null then o.frozen
		else (case when o.base = 'EUR' then 1::numeric else (select e.rate from exchange_rate e where e.currency = o.base and e.day <= o.day and e.day > o.day - 10 order by e.day desc limit 1) end)
			/ (case when o.currency = 'EUR' then 1::numeric else (select e.rate from exchange_rate e where e.currency = o.currency and e.day <= o.day and e.day > o.day - 10 order by e.day desc limit 1) end)
		end as value
	from o
)
update customer_order x set base_currency = r.base, rate = r.value,
	net_base = round(r.net_minor * r.value * power(10::numeric, @exponent::integer - r.exponent)),
	refunded_base = round(r.refunded_minor * r.value * power(10::numeric, @exponent::integer - r.exponent))
from rated r
where x.organisation_id = @org and x.community_id = @com and x.id = r.id
