-- +goose Up
-- An erased member stays as a row without a name: what was counted stays counted.
alter table member add column erased_at timestamptz;

alter table community
	add column erasures bigint not null default 0, -- counts erasures: who remembers people forgets them when it grows
	add column kept_from timestamptz,              -- activities before it were dropped; their days keep their figures
	add column deleted_at timestamptz;             -- being deleted: shown to nobody any more

-- a payload whose body goes as soon as it is understood
alter table inbox add column brief boolean not null default false;

alter table organisation
	add column audit_months integer not null default 24 check (audit_months between 1 and 240),
	add column deleted_at timestamptz;

-- +goose StatementBegin
create or replace function refuse_audit_change() returns trigger language plpgsql as $$
begin
	if pg_trigger_depth() > 1 then -- the organisation is being deleted
		return coalesce(new, old);
	end if;
	if tg_op = 'DELETE' and current_setting('foyer.drop_audit', true) = 'on' then -- drop_audit_before
		return old;
	end if;
	raise exception 'the audit log is append-only';
end $$;
-- +goose StatementEnd

-- Entries whose time is over; the application can remove no others. The last
-- month stays whatever is asked for.
-- +goose StatementBegin
create function drop_audit_before(organisation bigint, before timestamptz) returns bigint language plpgsql security definer set search_path from current as $$
declare
	n bigint;
begin
	if before > now() - interval '27 days' then
		raise exception 'drop_audit_before: the last month of the audit log stays';
	end if;
	perform set_config('foyer.drop_audit', 'on', true);
	delete from audit_entry where organisation_id is not distinct from organisation and at < before;
	get diagnostics n = row_count;
	perform set_config('foyer.drop_audit', '', true);
	return n;
end $$;
-- +goose StatementEnd
