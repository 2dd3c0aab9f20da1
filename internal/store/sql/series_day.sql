select day, anonymous, bot_messages, unlinked, turns, mutual_new_gaps, mutual_new_tail, mutual_old_gaps, mutual_old_tail,
	peer_delays, team_delays, waiting
from community_day
where organisation_id = @org and community_id = @com and day >= @from and day < @to
