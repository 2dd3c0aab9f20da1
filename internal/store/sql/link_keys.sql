-- Keys that more than one account has.
with k as (
	select customer_id is not null as customer, coalesce(customer_id, identity_id) as id, kind, key, verified, seen_at,
		count(*) over (partition by kind, key) as n
	from contact_key where organisation_id = @org and community_id = @com
)
select customer, id, kind, key, verified, seen_at from k where n between 2 and 50
