-- +goose Up
-- The organisation that a connection works for: 0 or nothing for none, -1 for
-- all (background work that goes from one to the next).
-- +goose StatementBegin
create function tenant() returns bigint language sql stable parallel safe as
$$ select nullif(current_setting('foyer.organisation', true), '')::bigint $$;
-- +goose StatementEnd

-- protect puts row-level security on a table of tenants. Every migration that
-- makes one calls it; a test finds those that forgot.
-- +goose StatementBegin
create function protect(t regclass, owner_column text default 'organisation_id') returns void language plpgsql as $$
begin
	execute format('alter table %s enable row level security', t);
	execute format('alter table %s force row level security', t);
	execute format('create policy tenant on %s using (%I = (select tenant()) or (select tenant()) = -1)', t, owner_column);
end $$;
-- +goose StatementEnd

select protect('organisation', 'id');
select protect(c.oid::regclass) from pg_class c join pg_attribute a on a.attrelid = c.oid
	where a.attname = 'organisation_id' and not a.attisdropped and c.relkind in ('r', 'p') and not c.relispartition
	and c.relnamespace = current_schema()::regnamespace;

-- The application may not make tables: this makes the month's partition for it.
-- +goose StatementBegin
create function make_activity_partition(month date) returns void language plpgsql security definer set search_path from current as $$
declare
	name text := 'activity_' || to_char(month, 'YYYY_MM');
	a timestamptz := date_trunc('month', month::timestamp) at time zone 'UTC';
	z timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') at time zone 'UTC';
begin
	perform pg_advisory_xact_lock(hashtextextended('activity/partition', 0));
	if exists (select from pg_inherits h join pg_class c on c.oid = h.inhrelid where h.inhparent = 'activity'::regclass and c.relname = name) then
		return;
	end if;
	execute format('create table %I (like activity including defaults)', name);
	execute format('alter table activity attach partition %I for values from (%L) to (%L)', name, a, z);
end $$;
-- +goose StatementEnd

-- Statistics are the owner's to take; these are the tables that grow in bursts.
-- +goose StatementBegin
create function refresh_statistics(t text) returns void language plpgsql security definer set search_path from current as $$
begin
	if t not in ('identity', 'member', 'member_day', 'pair_day', 'reply', 'membership', 'member_week') then
		raise exception 'refresh_statistics: %', t;
	end if;
	execute format('analyze %I', t);
end $$;
-- +goose StatementEnd

-- What was done stays written; it goes only with its organisation.
-- +goose StatementBegin
create function refuse_audit_change() returns trigger language plpgsql as $$
begin
	if pg_trigger_depth() > 1 then -- the organisation is being deleted
		return coalesce(new, old);
	end if;
	raise exception 'the audit log is append-only';
end $$;
-- +goose StatementEnd
create trigger audit_entry_append_only before update or delete on audit_entry for each row execute function refuse_audit_change();
create trigger audit_entry_no_truncate before truncate on audit_entry execute function refuse_audit_change();
