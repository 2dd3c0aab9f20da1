update channel c set parent_id = p.id
from unnest(@ids::text[], @parents::text[]) as i (external_id, parent)
join channel p on p.organisation_id = @org and p.community_id = @com and p.connection_id = @connection and p.external_id = i.parent
where c.organisation_id = @org and c.community_id = @com and c.connection_id = @connection
	and c.external_id = i.external_id and i.parent <> '' and c.parent_id is distinct from p.id
