with told as (
	delete from awaiting w using unnest(@at::timestamptz[], @keys::text[], @who::bigint[]) as k (at, key, who)
	where w.organisation_id = @org and w.community_id = @com and w.parent_at = k.at and w.parent_key = k.key
	returning w.occurred_at, w.key, k.who
)
update activity a set parent_identity_id = t.who from told t
where a.organisation_id = @org and a.community_id = @com and a.occurred_at = t.occurred_at and a.key = t.key
returning a.occurred_at
