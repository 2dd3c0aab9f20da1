-- the parents have come: what waited for them is told when and by whom they were written
with told as (
	delete from keyed_child w using unnest(@at::timestamptz[], @keys::text[], @who::bigint[]) as k (at, key, who)
	where w.organisation_id = @org and w.community_id = @com and w.parent_key = k.key
	returning w.occurred_at, w.key, k.at as parent_at, k.who
), linked as (
	update activity a set parent_at = t.parent_at, parent_identity_id = t.who from told t
	where a.organisation_id = @org and a.community_id = @com and a.occurred_at = t.occurred_at and a.key = t.key
	returning a.occurred_at, a.key, a.kind, a.deleted, a.identity_id, a.parent_at, a.parent_key
), answers as (
	insert into reply (organisation_id, community_id, parent_at, parent_key, occurred_at, key, identity_id)
	select @org, @com, parent_at, parent_key, occurred_at, key, identity_id from linked
	where kind = 1 and not deleted and identity_id is not null
	on conflict do nothing
)
select occurred_at from linked
