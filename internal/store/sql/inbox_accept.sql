with fresh as (
	insert into inbox (organisation_id, community_id, connection_id, key, kind, scope, body)
	select distinct on (org, com, conn, key) org, com, conn, key, kind, scope, body
	from unnest(@orgs::bigint[], @coms::bigint[], @conns::bigint[], @keys::text[], @kinds::text[], @scopes::text[], @bodies::bytea[])
		as p (org, com, conn, key, kind, scope, body)
	on conflict (organisation_id, community_id, connection_id, key) do nothing
	returning organisation_id, community_id, connection_id
), alive as (
	-- Who is noting it just now is passed by: two statements that wait for each
	-- other's connections would never end.
	select c.organisation_id, c.community_id, c.id from connection c
	where (c.organisation_id, c.community_id, c.id) in (select organisation_id, community_id, connection_id from fresh)
		and (c.seen_at is null or c.seen_at < now() - interval '5 seconds')
	for no key update skip locked
), seen as (
	update connection c set seen_at = now() from alive a
	where c.organisation_id = a.organisation_id and c.community_id = a.community_id and c.id = a.id
)
select count(*) from fresh
