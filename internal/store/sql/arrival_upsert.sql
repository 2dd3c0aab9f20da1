-- what is known stays when the same join is looked at again
insert into arrival as x (organisation_id, community_id, identity_id, joined_at, connection_id, known, code, inviter_id)
select @org, @com, a.identity_id, a.joined_at, @connection, a.known, a.code, nullif(a.inviter_id, 0)
from unnest(@who::bigint[], @at::timestamptz[], @known::boolean[], @codes::text[], @inviters::bigint[])
	as a (identity_id, joined_at, known, code, inviter_id)
on conflict (organisation_id, community_id, identity_id, joined_at) do update set
	known = excluded.known, code = excluded.code, inviter_id = excluded.inviter_id
where not x.known and excluded.known
