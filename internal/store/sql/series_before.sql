select coalesce(sum(joins + inferred + returns - leaves) filter (where population = 0), 0)::integer,
	coalesce(sum(joins + inferred + returns - leaves) filter (where population = 1), 0)::integer,
	coalesce(sum(inferred - inferred_ended) filter (where population = 0), 0)::integer,
	(select count(*) from identity i
		join member m on m.organisation_id = i.organisation_id and m.community_id = i.community_id and m.id = i.member_id
		where i.organisation_id = @org and i.community_id = @com and i.listed and m.population = 0
			and not exists (select from membership s
				where s.organisation_id = @org and s.community_id = @com and s.member_id = i.member_id))::integer
from community_tally
where organisation_id = @org and community_id = @com and day < @from
