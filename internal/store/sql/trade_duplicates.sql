-- Orders of a source whose number the source that counts has too.
with pairs as (
	select other_id, kept_id from same_orders
	where organisation_id = @org and community_id = @com and (@connection::bigint in (other_id, kept_id))
), found as (
	select o.id, (select min(k.id) from customer_order k where k.organisation_id = @org and k.community_id = @com and k.connection_id = p.kept_id
		and k.number <> '' and upper(k.number) = upper(o.number) and not k.removed) as kept
	from customer_order o join pairs p on p.other_id = o.connection_id
	where o.organisation_id = @org and o.community_id = @com and o.number <> ''
)
update customer_order o set duplicate_of = f.kept from found f
where o.organisation_id = @org and o.community_id = @com and o.id = f.id and o.duplicate_of is distinct from f.kept
