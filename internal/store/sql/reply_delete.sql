delete from reply r
using unnest(@at::timestamptz[], @keys::text[]) as k (at, key)
join activity a on a.organisation_id = @org and a.community_id = @com and a.occurred_at = k.at and a.key = k.key
where r.organisation_id = @org and r.community_id = @com
	and r.parent_at = a.parent_at and r.parent_key = a.parent_key and r.occurred_at = a.occurred_at and r.key = a.key
returning r.parent_at, r.parent_key, r.occurred_at
