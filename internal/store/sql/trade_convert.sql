-- Orders in the organisation's currency, by the rates that were found for their
-- days, rounded once. Where there is none there is no amount.
with found as (
	select * from unnest(@currencies::text[], @days::date[], @froms::numeric[], @tos::numeric[], @due::boolean[]) as f (currency, day, rate_from, rate_to, due)
), x as materialized ( -- the day once for each, not once for each rate
	select x.*, (x.at at time zone c.time_zone)::date as day
	from unnest(@ids::bigint[]) p (id) join customer_order x on x.organisation_id = @org and x.community_id = @com and x.id = p.id
	join community c on c.organisation_id = @org and c.id = @com
), o as (
	select x.id, x.net_minor, x.refunded_minor, x.exponent,
		case when f.currency is not null then f.rate_from when x.base_currency = @base then x.rate_from end as rate_from,
		case when f.currency is not null then f.rate_to when x.base_currency = @base then x.rate_to end as rate_to,
		case when f.currency is not null then f.due else x.rate_due end as due
	from x left join found f on f.currency = x.currency and f.day = x.day and (x.rate_from is null or x.rate_due or x.base_currency <> @base)
), n as (
	select o.id, o.rate_from, o.rate_to, o.due,
		round(o.net_minor * o.rate_to * power(10::numeric, @exponent::integer - o.exponent) / o.rate_from) as net,
		round(o.refunded_minor * o.rate_to * power(10::numeric, @exponent::integer - o.exponent) / o.rate_from) as refunded
	from o
)
update customer_order x set base_currency = @base, rate_from = n.rate_from, rate_to = n.rate_to, rate_due = coalesce(n.due, false),
	net_base = n.net, refunded_base = n.refunded
from n
where x.organisation_id = @org and x.community_id = @com and x.id = n.id
	and (x.base_currency, x.rate_from, x.rate_to, x.rate_due, x.net_base, x.refunded_base)
		is distinct from (@base, n.rate_from, n.rate_to, coalesce(n.due, false), n.net, n.refunded)
