with fresh as (
	insert into inbox (organisation_id, community_id, connection_id, key, kind, scope, body)
	select distinct on (org, com, conn, key) org, com, conn, key, kind, scope, body
	from unnest(@orgs::bigint[], @coms::bigint[], @conns::bigint[], @keys::text[], @kinds::text[], @scopes::text[], @bodies::bytea[])
		as p (org, com, conn, key, kind, scope, body)
	on conflict (organisation_id, community_id, connection_id, key) do nothing
	returning organisation_id, community_id, connection_id
), seen as (
	update connection c set seen_at = now()
	from (select distinct organisation_id, community_id, connection_id from fresh) f
	where c.organisation_id = f.organisation_id and c.community_id = f.community_id and c.id = f.connection_id
		and (c.seen_at is null or c.seen_at < now() - interval '5 seconds')
)
select count(*) from fresh
