-- Answers by their source's id.
with input as (
	select * from unnest(@ids::text[], @customers::bigint[], @orders::text[], @ats::timestamptz[], @choices::text[], @skipped::boolean[], @removed::boolean[])
		as i (external_id, customer_id, order_external, at, choice, skipped, removed)
), known as (
	select a.id, a.external_id, a.import_id, (coalesce(i.customer_id, a.customer_id), i.order_external, i.at, i.choice, i.skipped, i.removed)
		is distinct from (a.customer_id, a.order_external, a.at, a.choice, a.skipped, a.removed) as differs
	from survey_answer a join input i on i.external_id = a.external_id
	where a.organisation_id = @org and a.community_id = @com and a.connection_id = @connection
), images as (
	insert into import_before (organisation_id, community_id, import_id, noun, row_id, before)
	select @org, @com, @import::bigint, 'survey_answer', a.id, jsonb_build_object('row', to_jsonb(a))
	from known k join survey_answer a on a.organisation_id = @org and a.community_id = @com and a.id = k.id
	where k.differs and @import::bigint is not null and k.import_id is distinct from @import::bigint
	on conflict do nothing
), inserted as (
	insert into survey_answer (organisation_id, community_id, connection_id, external_id, customer_id, order_external, at, choice, skipped, removed, import_id)
	select @org, @com, @connection, i.external_id, i.customer_id, i.order_external, i.at, i.choice, i.skipped, i.removed, @import::bigint
	from input i where not exists (select from known k where k.external_id = i.external_id)
	returning id
), updated as (
	update survey_answer a set customer_id = coalesce(i.customer_id, a.customer_id), order_external = i.order_external, at = i.at,
		choice = i.choice, skipped = i.skipped, removed = i.removed
	from input i, known k
	where a.organisation_id = @org and a.community_id = @com and a.id = k.id and i.external_id = k.external_id and k.differs
	returning a.id
)
select (select count(*) from inserted) + (select count(*) from updated)
