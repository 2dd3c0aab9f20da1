delete from member_share s
where s.organisation_id = @org and s.community_id = @com
	and exists (select from roll_diff d where d.day >= s.from_day and d.day < s.to_day)
