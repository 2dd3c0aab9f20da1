-- What somebody said by hand of one of the persons holds for all that they are
-- (team, where both was said); a name that only one of them has is theirs too.
with pair as (
	select * from unnest(@gone::bigint[], @kept::bigint[]) as p (gone, kept)
), one as (
	select p.kept, max(m.population) filter (where m.population_by = 'hand') as said,
		(array_agg(m.name order by m.id) filter (where m.name <> ''))[1] as name
	from (select gone as id, kept from pair union select kept, kept from pair) p
	join member m on m.organisation_id = @org and m.community_id = @com and m.id = p.id
	group by p.kept
)
update member m set population = coalesce(o.said, m.population),
	population_by = case when o.said is null then m.population_by else 'hand' end, name = coalesce(o.name, m.name)
from one o
where m.organisation_id = @org and m.community_id = @com and m.id = o.kept
