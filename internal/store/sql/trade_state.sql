-- The course of subscriptions: the same moment replaces.
insert into subscription_state as s (organisation_id, community_id, subscription_id, at, status, currency, exponent,
	monthly_minor, forever_minor, finite_minor)
select @org, @com, * from unnest(@subscriptions::bigint[], @ats::timestamptz[], @statuses::smallint[], @currencies::text[],
	@exponents::smallint[], @monthlies::bigint[], @forevers::bigint[], @finites::bigint[])
on conflict (organisation_id, community_id, subscription_id, at) do update set status = excluded.status, currency = excluded.currency,
	exponent = excluded.exponent, monthly_minor = excluded.monthly_minor, forever_minor = excluded.forever_minor, finite_minor = excluded.finite_minor
where (s.status, s.currency, s.exponent, s.monthly_minor, s.forever_minor, s.finite_minor)
	is distinct from (excluded.status, excluded.currency, excluded.exponent, excluded.monthly_minor, excluded.forever_minor, excluded.finite_minor)
