-- A later version changes what an activity says and whether it stands, nothing else.
with version as (
	select * from unnest(@at::timestamptz[], @keys::text[], @revisions::bigint[], @deleted::boolean[], @lengths::integer[],
		@questions::boolean[], @links::boolean[]) as v (at, key, revision, deleted, length, question, link)
), revised as (
	update activity a set revision = v.revision, deleted = v.deleted, length = v.length, question = v.question, link = v.link
	from version v
	where a.organisation_id = @org and a.community_id = @com and a.occurred_at = v.at and a.key = v.key and a.revision < v.revision
	returning a.occurred_at, a.key, a.kind, a.deleted, a.identity_id, a.parent_at, a.parent_key
), gone as (
	delete from reply r using revised v
	where r.organisation_id = @org and r.community_id = @com and v.kind = 1 and v.deleted
		and r.parent_at = v.parent_at and r.parent_key = v.parent_key and r.occurred_at = v.occurred_at and r.key = v.key
), back as (
	insert into reply (organisation_id, community_id, parent_at, parent_key, occurred_at, key, identity_id)
	select @org, @com, parent_at, parent_key, occurred_at, key, identity_id from revised
	where kind = 1 and not deleted and parent_at is not null and identity_id is not null
	on conflict do nothing
)
select occurred_at, key, kind, coalesce(parent_at, occurred_at), case when parent_at is null then '' else parent_key end from revised
