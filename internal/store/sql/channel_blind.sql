with named as (
	insert into channel (organisation_id, community_id, connection_id, external_id, name, blind)
	select @org, @com, @connection, b.id, b.name, true from unnest(@ids::text[], @names::text[]) as b (id, name)
	on conflict (organisation_id, community_id, connection_id, external_id) do update
		set blind = true, name = coalesce(nullif(excluded.name, ''), channel.name)
)
update channel set blind = false
where organisation_id = @org and community_id = @com and connection_id = @connection and blind and external_id <> all (@ids::text[])
