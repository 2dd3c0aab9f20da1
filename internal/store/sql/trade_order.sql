-- Orders by their source's id, as trade_customer. Says of each whether it is new,
-- changed, and whether its lines and refunds are to be written.
with input as (
	select * from unnest(@ids::text[], @numbers::text[], @customers::bigint[], @ats::timestamptz[], @states::smallint[],
		@tests::boolean[], @declared::boolean[], @currencies::text[], @exponents::smallint[], @nets::bigint[], @taxes::bigint[],
		@shippings::bigint[], @discounts::bigint[], @refunds::bigint[], @codes::text[], @channels::text[], @countries::text[],
		@prints::bytea[], @revisions::bigint[], @removed::boolean[])
		as i (external_id, number, customer_id, at, state, test, declared, currency, exponent, net_minor, tax_minor,
			shipping_minor, discount_minor, refunded_minor, codes, channel, country, detail_print, revision, removed)
), known as (
	select o.id, o.external_id, o.import_id, i.revision >= o.revision and (
			i.removed <> o.removed or not i.removed and (
			(i.number, i.at, i.state, i.test, i.declared, i.currency, i.exponent, i.net_minor, i.tax_minor, i.shipping_minor, i.discount_minor,
				i.refunded_minor, i.codes::text[], i.channel, i.country, i.detail_print)
			is distinct from (o.number, o.at, o.state, o.test, o.declared, o.currency, o.exponent, o.net_minor, o.tax_minor, o.shipping_minor,
				o.discount_minor, o.refunded_minor, o.codes, o.channel, o.country, o.detail_print)
			or coalesce(i.customer_id, o.customer_id) is distinct from o.customer_id)) as differs,
		i.revision > o.revision as newer
	from customer_order o join input i on i.external_id = o.external_id
	where o.organisation_id = @org and o.community_id = @com and o.connection_id = @connection
), images as (
	insert into import_before (organisation_id, community_id, import_id, noun, row_id, before)
	select @org, @com, @import::bigint, 'customer_order', o.id, jsonb_build_object('row', to_jsonb(o) - 'counts',
		'order_line', (select jsonb_agg(to_jsonb(l)) from order_line l where l.organisation_id = @org and l.community_id = @com and l.order_id = o.id),
		'refund', (select jsonb_agg(to_jsonb(r)) from refund r where r.organisation_id = @org and r.community_id = @com and r.order_id = o.id))
	from known k join customer_order o on o.organisation_id = @org and o.community_id = @com and o.id = k.id
	where (k.differs or k.newer) and @import::bigint is not null and k.import_id is distinct from @import::bigint
	on conflict do nothing
), inserted as (
	insert into customer_order (organisation_id, community_id, connection_id, external_id, number, customer_id, at, state, test, declared,
		currency, exponent, net_minor, tax_minor, shipping_minor, discount_minor, refunded_minor, codes, channel, country,
		detail_print, revision, removed, import_id)
	select @org, @com, @connection, i.external_id, i.number, i.customer_id, i.at, i.state, i.test, i.declared, i.currency, i.exponent, i.net_minor,
		i.tax_minor, i.shipping_minor, i.discount_minor, i.refunded_minor, i.codes::text[], i.channel, i.country,
		i.detail_print, i.revision, i.removed, @import::bigint
	from input i where not exists (select from known k where k.external_id = i.external_id)
	returning external_id, id
), updated as (
	update customer_order o set number = i.number, customer_id = case when i.removed then null else coalesce(i.customer_id, o.customer_id) end,
		at = i.at, state = i.state, test = i.test, declared = i.declared, currency = i.currency, exponent = i.exponent, net_minor = i.net_minor,
		tax_minor = i.tax_minor, shipping_minor = i.shipping_minor, discount_minor = i.discount_minor, refunded_minor = i.refunded_minor,
		codes = i.codes::text[], channel = i.channel, country = i.country, detail_print = i.detail_print, removed = i.removed, revision = i.revision,
		-- The rate is frozen as long as it is the rate of this currency at that time.
		rate_from = case when i.currency = o.currency and i.at = o.at then o.rate_from end
	from input i, known k
	where o.organisation_id = @org and o.community_id = @com and o.id = k.id and i.external_id = k.external_id and (k.differs or k.newer)
)
select external_id, id, true as changed from inserted
union all
select external_id, id, differs from known
