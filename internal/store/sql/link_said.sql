-- What was said: by somebody, by the member, by a source that merged two
-- customers, by a personal code: the first customer who used it.
select a, b, rule, confidence from link
where organisation_id = @org and community_id = @com and valid_to is null and (actor_id is not null or rule = 'member')
union all
select least(id, merged_into), greatest(id, merged_into), 'merge', 1 from customer
where organisation_id = @org and community_id = @com and merged_into is not null and merged_into <> id
union all
select -used.identity_id, used.customer_id, 'code', 1 from (
	select distinct on (p.id) (select min(i.id) from identity i where i.organisation_id = @org and i.community_id = @com and i.member_id = p.member_id) as identity_id,
		o.customer_id
	from promo_code p join customer_order o on o.organisation_id = @org and o.community_id = @com and p.code = any (o.codes) and o.counts
	where p.organisation_id = @org and p.community_id = @com and p.member_id is not null and o.customer_id is not null
	order by p.id, o.at, o.id
) used where used.identity_id is not null
