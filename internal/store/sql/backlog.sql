select 'jobs', state::text, count(*),
	coalesce(greatest(0, extract(epoch from now() - min(case state when 'running' then attempted_at when 'available' then scheduled_at when 'retryable' then created_at end))), 0)::float8
from river_job group by state
union all
select 'inbox', 'waiting', count(*), coalesce(extract(epoch from now() - min(received_at)), 0)::float8 from inbox where drained_at is null
union all
select 'dirty_days', 'waiting', count(distinct (organisation_id, community_id, day)), 0 from dirty_day
union all
select 'imports', state, count(*), coalesce(extract(epoch from now() - min(created_at) filter (where state in ('waiting', 'running'))), 0)::float8
from import group by state
union all
select 'letters', state, count(*), coalesce(extract(epoch from now() - min(created_at) filter (where state = 'waiting')), 0)::float8
from outgoing where state <> 'sent' group by state
