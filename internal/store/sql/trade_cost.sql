-- Costs by their source's id.
with input as (
	select * from unnest(@ids::text[], @kinds::smallint[], @froms::date[], @tos::date[], @categories::text[], @channels::text[],
		@currencies::text[], @exponents::smallint[], @amounts::bigint[], @minutes::bigint[], @removed::boolean[])
		as i (external_id, kind, from_day, to_day, category, channel, currency, exponent, amount_minor, minutes, removed)
), known as (
	select c.id, c.external_id, c.import_id, (i.kind, i.from_day, i.to_day, i.category, i.channel, i.currency, i.exponent, i.amount_minor, i.minutes, i.removed)
		is distinct from (c.kind, c.from_day, c.to_day, c.category, c.channel, c.currency, c.exponent, c.amount_minor, c.minutes, c.removed) as differs
	from cost c join input i on i.external_id = c.external_id
	where c.organisation_id = @org and c.community_id = @com and c.connection_id = @connection
), images as (
	insert into import_before (organisation_id, community_id, import_id, noun, row_id, before)
	select @org, @com, @import::bigint, 'cost', c.id, jsonb_build_object('row', to_jsonb(c))
	from known k join cost c on c.organisation_id = @org and c.community_id = @com and c.id = k.id
	where k.differs and @import::bigint is not null and k.import_id is distinct from @import::bigint
	on conflict do nothing
), inserted as (
	insert into cost (organisation_id, community_id, connection_id, external_id, kind, from_day, to_day, category, channel, currency,
		exponent, amount_minor, minutes, removed, import_id)
	select @org, @com, @connection, i.external_id, i.kind, i.from_day, i.to_day, i.category, i.channel, i.currency, i.exponent, i.amount_minor,
		i.minutes, i.removed, @import::bigint
	from input i where not exists (select from known k where k.external_id = i.external_id)
	returning id
), updated as (
	update cost c set kind = i.kind, from_day = i.from_day, to_day = i.to_day, category = i.category, channel = i.channel,
		currency = i.currency, exponent = i.exponent, amount_minor = i.amount_minor, minutes = i.minutes, removed = i.removed
	from input i, known k
	where c.organisation_id = @org and c.community_id = @com and c.id = k.id and i.external_id = k.external_id and k.differs
	returning c.id
)
select (select count(*) from inserted) + (select count(*) from updated)
