-- the activities of an erased person under keys that do not tell whose they are
with renamed as (
	select * from unnest(@at::timestamptz[], @keys::text[], @fresh::text[]) as k (at, key, fresh)
), waiting as (
	update awaiting w set key = k.fresh from renamed k
	where w.organisation_id = @org and w.community_id = @com and w.occurred_at = k.at and w.key = k.key
)
update activity a set key = k.fresh from renamed k
where a.organisation_id = @org and a.community_id = @com and a.occurred_at = k.at and a.key = k.key
