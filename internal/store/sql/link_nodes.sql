-- The accounts among which persons are looked for. Those that share no key and of
-- which nobody said anything are persons alone and left out.
with named as (
	select identity_id, customer_id from contact_key where organisation_id = @org and community_id = @com
	union all select identity_a, customer_a from link where organisation_id = @org and community_id = @com and valid_to is null
	union all select identity_b, customer_b from link where organisation_id = @org and community_id = @com and valid_to is null
	union all select null, id from customer where organisation_id = @org and community_id = @com and merged_into is not null
	union all select null, merged_into from customer where organisation_id = @org and community_id = @com and merged_into is not null
	union all select i.id, null from promo_code p join identity i on i.organisation_id = @org and i.community_id = @com and i.member_id = p.member_id
		where p.organisation_id = @org and p.community_id = @com
	union all select null, o.customer_id from promo_code p join customer_order o on o.organisation_id = @org and o.community_id = @com and p.code = any (o.codes)
		where p.organisation_id = @org and p.community_id = @com and p.member_id is not null
)
select false, i.id, i.member_id, i.platform, i.bot or m.population = 2, false, m.unmatched
from identity i join member m on m.organisation_id = @org and m.community_id = @com and m.id = i.member_id
where i.organisation_id = @org and i.community_id = @com and m.erased_at is null
	and i.member_id in (select x.member_id from named n join identity x on x.organisation_id = @org and x.community_id = @com and x.id = n.identity_id)
union all
select true, c.id, 0, 'connection/' || c.connection_id, false, c.guest, false
from customer c where c.organisation_id = @org and c.community_id = @com and c.erased_at is null and exists (select from named n where n.customer_id = c.id)
