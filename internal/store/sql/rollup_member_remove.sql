delete from member_day x using roll_diff d
where x.organisation_id = @org and x.community_id = @com and x.day = d.day and x.member_id = d.member_id and d.gone
