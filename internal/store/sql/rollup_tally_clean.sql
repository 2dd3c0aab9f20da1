delete from community_tally x using (select distinct day from roll_touched) t
where x.organisation_id = @org and x.community_id = @com and x.day = t.day
	and x.messages = 0 and x.reactions = 0 and x.active = 0 and x.to_members = 0 and x.to_team = 0
	and x.active_gaps = '{}' and x.talk_gaps = '{}' and x.arrival_gaps = '{}' and x.leaves = 0
