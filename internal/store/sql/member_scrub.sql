-- what else may speak of the person: payloads as they arrived, which are sealed, so
-- that all of them go; lines that could not be read; names of files
with said as (
	select w from unnest(@words::text[]) w
), payloads as (
	update inbox i set brief = true, body = case when i.drained_at is null then i.body else '' end,
		key = case when i.drained_at is not null and exists (select from said where strpos(i.key, w) > 0) then 'erased/' || i.id else i.key end,
		scope = case when i.drained_at is null then i.scope else '' end
	where i.organisation_id = @org and i.community_id = @com and not i.brief
	returning 1
), lines as (
	update refusal r set detail = '', file = case when exists (select from said where strpos(r.file, w) > 0) then '' else r.file end
	where r.organisation_id = @org and r.community_id = @com
		and exists (select from said where strpos(r.detail, w) > 0 or strpos(r.file, w) > 0)
	returning 1
), files as (
	update import m set names = array(select case when exists (select from said where strpos(n, w) > 0) then '' else n end
			from unnest(m.names) with ordinality as x (n, i) order by i),
		error_file = case when exists (select from said where strpos(m.error_file, w) > 0) then '' else m.error_file end,
		question = case when exists (select from said where strpos(m.question::text, w) > 0) then null else m.question end
	where m.organisation_id = @org and m.community_id = @com and m.state not in ('waiting', 'running', 'asking')
		and exists (select from said where strpos(array_to_string(m.names, chr(10)) || m.error_file || coalesce(m.question::text, ''), w) > 0)
	returning 1
)
select (select count(*) from payloads), (select count(*) from lines), (select count(*) from files)
