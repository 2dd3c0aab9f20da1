-- a channel without a name tells whether it is archived, one that is only mentioned tells nothing
insert into channel as c (organisation_id, community_id, connection_id, external_id, name, kind, archived, private, turns)
select @org, @com, @connection, i.external_id, i.name, i.kind, i.archived, i.private, @turns
from unnest(@ids::text[], @names::text[], @kinds::smallint[], @archived::boolean[], @private::boolean[])
	as i (external_id, name, kind, archived, private)
on conflict (organisation_id, community_id, connection_id, external_id) do update set
	name = coalesce(nullif(excluded.name, ''), c.name),
	kind = case when excluded.name = '' then c.kind else excluded.kind end,
	archived = case when excluded.external_id = any(@mentioned::text[]) then c.archived else excluded.archived end,
	private = case when excluded.name = '' then c.private else excluded.private end
returning external_id, id
