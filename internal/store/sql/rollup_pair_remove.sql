delete from pair_day x using roll_pair p
where x.organisation_id = @org and x.community_id = @com and x.day = p.day and x.low_id = p.low_id and x.high_id = p.high_id and p.gone
