-- Subscriptions by their source's id, as trade_order. Their states are written
-- apart.
with input as (
	select * from unnest(@ids::text[], @customers::bigint[], @started::timestamptz[], @trials::timestamptz[], @asked::timestamptz[],
		@ended::timestamptz[], @tests::boolean[], @revisions::bigint[], @removed::boolean[])
		as i (external_id, customer_id, started_at, trial_end, cancel_asked_at, ended_at, test, revision, removed)
), known as (
	select s.id, s.external_id, s.import_id, i.revision >= s.revision and (
			i.removed <> s.removed or not i.removed and (
			(i.trial_end, i.cancel_asked_at, i.ended_at, i.test) is distinct from (s.trial_end, s.cancel_asked_at, s.ended_at, s.test)
			or coalesce(i.started_at, s.started_at) is distinct from s.started_at
			or coalesce(i.customer_id, s.customer_id) is distinct from s.customer_id)) as differs,
		i.revision > s.revision as newer
	from subscription s join input i on i.external_id = s.external_id
	where s.organisation_id = @org and s.community_id = @com and s.connection_id = @connection
), images as (
	-- Its states may change although it does not: always keep how it was.
	insert into import_before (organisation_id, community_id, import_id, noun, row_id, before)
	select @org, @com, @import::bigint, 'subscription', s.id, jsonb_build_object('row', to_jsonb(s), 'subscription_state',
		(select jsonb_agg(to_jsonb(t)) from subscription_state t where t.organisation_id = @org and t.community_id = @com and t.subscription_id = s.id))
	from known k join subscription s on s.organisation_id = @org and s.community_id = @com and s.id = k.id
	where @import::bigint is not null and k.import_id is distinct from @import::bigint
	on conflict do nothing
), inserted as (
	insert into subscription (organisation_id, community_id, connection_id, external_id, customer_id, started_at, trial_end, cancel_asked_at,
		ended_at, test, removed, revision, import_id)
	select @org, @com, @connection, i.external_id, i.customer_id, i.started_at, i.trial_end, i.cancel_asked_at, i.ended_at, i.test, i.removed,
		i.revision, @import::bigint
	from input i where not exists (select from known k where k.external_id = i.external_id)
	returning external_id, id
), updated as (
	update subscription s set customer_id = coalesce(i.customer_id, s.customer_id), started_at = coalesce(i.started_at, s.started_at),
		trial_end = case when i.removed then s.trial_end else i.trial_end end,
		cancel_asked_at = case when i.removed then s.cancel_asked_at else i.cancel_asked_at end,
		ended_at = case when i.removed then s.ended_at else i.ended_at end,
		test = case when i.removed then s.test else i.test end, removed = i.removed, revision = i.revision
	from input i, known k
	where s.organisation_id = @org and s.community_id = @com and s.id = k.id and i.external_id = k.external_id and (k.differs or k.newer)
)
select external_id, id, true as changed from inserted
union all
select external_id, id, differs from known
