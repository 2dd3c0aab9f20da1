-- The tables of tenants that the application may delete from. Partitions are
-- emptied with their table.
select c.relname::text
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'organisation_id' and not a.attisdropped
where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
	and has_table_privilege(c.oid, 'delete')
order by 1
