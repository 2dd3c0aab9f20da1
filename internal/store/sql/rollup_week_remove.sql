delete from member_week w using (select distinct member_id, date_trunc('week', day)::date as week from roll_diff) d
where w.organisation_id = @org and w.community_id = @com and w.week = d.week and w.member_id = d.member_id
