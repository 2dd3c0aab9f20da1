select day, population, messages, reactions, hours, to_members, to_team, active, active_gaps, active_tail, talk_gaps, talk_tail,
	joins, inferred, returns, leaves, kicked, inferred_ended, activated, arrival_gaps, arrival_tail
from community_tally
where organisation_id = @org and community_id = @com and day >= @from and day < @to and population in (0, 1)
