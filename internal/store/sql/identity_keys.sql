-- Keys of identities: what is new is added, what an identity no longer has goes,
-- of the kinds that were given. Answers how many rows changed.
with fresh as (
	select * from unnest(@of::bigint[], @kinds::smallint[], @keys::bytea[], @verified::boolean[]) k (identity_id, kind, key, verified)
), gone as (
	delete from contact_key c where c.organisation_id = @org and c.community_id = @com and c.identity_id = any (@all::bigint[])
		and exists (select from fresh f where f.identity_id = c.identity_id and f.kind = c.kind)
		and not exists (select from fresh f where f.identity_id = c.identity_id and f.kind = c.kind and f.key = c.key)
	returning 1
), added as (
	insert into contact_key (organisation_id, community_id, identity_id, kind, key, verified, seen_at)
	select @org, @com, identity_id, kind, key, verified, @seen from fresh f
	where not exists (select from contact_key c where c.organisation_id = @org and c.community_id = @com and c.identity_id = f.identity_id and c.kind = f.kind and c.key = f.key)
	returning 1
), seen as (
	update contact_key c set seen_at = @seen from fresh f
	where c.organisation_id = @org and c.community_id = @com and c.identity_id = f.identity_id and c.kind = f.kind and c.key = f.key
		and c.seen_at < @seen::timestamptz - interval '1 day'
)
select (select count(*) from gone) + (select count(*) from added)
