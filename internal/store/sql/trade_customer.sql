-- Customers by their source's id. A revision below the stored one changes nothing;
-- of an erased customer nothing is taken any more. The writer holds the
-- community's lock. Says of each whether it is new or changed, and whether the
-- contact is.
with input as (
	select * from unnest(@ids::text[], @guests::boolean[], @created::timestamptz[], @countries::text[], @channels::text[],
		@contacts::bytea[], @prints::bytea[], @revisions::bigint[])
		as i (external_id, guest, created_at, country, channel, contact, contact_print, revision)
), known as (
	select c.*, i.revision >= c.revision and c.erased_at is null and (
			coalesce(i.created_at, c.created_at) is distinct from c.created_at or i.country not in ('', c.country)
			or i.channel not in ('', c.channel) or (i.contact_print <> '' and i.contact_print <> c.contact_print)) as differs,
		i.revision >= c.revision and c.erased_at is null and i.contact_print <> '' and i.contact_print <> c.contact_print as met,
		i.revision > c.revision and c.erased_at is null as newer
	from customer c join input i on i.external_id = c.external_id
	where c.organisation_id = @org and c.community_id = @com and c.connection_id = @connection
), images as (
	insert into import_before (organisation_id, community_id, import_id, noun, row_id, before, sealed)
	select @org, @com, @import::bigint, 'customer', c.id, jsonb_build_object('row', to_jsonb(c) - 'contact'), c.contact
	from known k join customer c on c.organisation_id = @org and c.community_id = @com and c.id = k.id
	where (k.differs or k.newer) and @import::bigint is not null and k.import_id is distinct from @import::bigint
	on conflict do nothing
), inserted as (
	insert into customer (organisation_id, community_id, connection_id, external_id, guest, created_at, country, channel,
		contact, contact_print, revision, import_id)
	select @org, @com, @connection, i.external_id, i.guest, i.created_at, i.country, i.channel, i.contact, i.contact_print, i.revision, @import::bigint
	from input i where not exists (select from known k where k.external_id = i.external_id)
	returning external_id, id
), updated as (
	update customer c set
		created_at = coalesce(i.created_at, c.created_at),
		country = coalesce(nullif(i.country, ''), c.country),
		channel = coalesce(nullif(i.channel, ''), c.channel),
		contact = case when i.contact_print = '' then c.contact else i.contact end,
		contact_print = case when i.contact_print = '' then c.contact_print else i.contact_print end,
		revision = i.revision
	from input i, known k
	where c.organisation_id = @org and c.community_id = @com and c.id = k.id and i.external_id = k.external_id
		and (k.differs or k.newer)
)
select external_id, id, true as changed, true as met from inserted
union all
select external_id, id, differs, met from known
