-- One person per new identity; persons are brought together later. The writer
-- holds the community's lock, so nobody inserts the same identity meanwhile.
with input as (
	select * from unnest(@ids::text[], @names::text[], @handles::text[], @emails::text[], @roles::text[],
		@bots::boolean[], @guests::boolean[], @outside::boolean[], @departed::boolean[], @listed::boolean[])
		as i (external_id, name, handle, email, roles, bot, guest, outside, departed, listed)
), fresh as materialized (
	select i.*, nextval(pg_get_serial_sequence('identity', 'id')) as id
	from input i
	where not exists (select from identity x where x.organisation_id = @org and x.community_id = @com
		and x.platform = @platform and x.external_id = i.external_id)
), people as (
	insert into member (organisation_id, community_id, id, name)
	select @org, @com, id, name from fresh
), inserted as (
	insert into identity (organisation_id, community_id, id, platform, external_id, member_id, name, handle, email,
		roles, bot, guest, outside, departed, listed)
	select @org, @com, id, @platform, external_id, id, name, handle, email, roles::text[], bot, guest, outside, departed, listed
	from fresh
	returning external_id, id
), updated as (
	update identity x set
		name = coalesce(nullif(i.name, ''), x.name),
		handle = coalesce(nullif(i.handle, ''), x.handle),
		email = coalesce(nullif(i.email, ''), x.email),
		roles = case when i.roles = '{}' then x.roles else i.roles::text[] end,
		bot = x.bot or i.bot, guest = x.guest or i.guest, outside = x.outside or i.outside,
		departed = x.departed or i.departed, listed = x.listed or i.listed
	from input i
	where x.organisation_id = @org and x.community_id = @com and x.platform = @platform and x.external_id = i.external_id
		and (i.name not in ('', x.name) or i.handle not in ('', x.handle) or i.email not in ('', x.email)
			or (i.roles <> '{}' and i.roles::text[] <> x.roles) or (i.bot and not x.bot) or (i.guest and not x.guest)
			or (i.outside and not x.outside) or (i.departed and not x.departed) or (i.listed and not x.listed))
	returning x.member_id, x.name
), renamed as (
	update member m set name = u.name from updated u
	where m.organisation_id = @org and m.community_id = @com and m.id = u.member_id and u.name not in ('', m.name)
)
select external_id, id, true from inserted
union all
select i.external_id, x.id, false from input i join identity x
	on x.organisation_id = @org and x.community_id = @com and x.platform = @platform and x.external_id = i.external_id
