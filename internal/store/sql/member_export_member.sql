select row_to_json(x) from (
	select m.id, m.name, case m.population when 1 then 'team' when 2 then 'bot' else 'member' end as counted_as, m.population_by as because,
		m.erased_at, c.name as community, o.name as organisation
	from member m join community c on c.organisation_id = @org and c.id = @com join organisation o on o.id = @org
	where m.organisation_id = @org and m.community_id = @com and m.id = @member
) x
