-- whose membership may have changed: somebody moved, or a contribution does not
-- lie inside a membership that was known before
insert into roll_person
select distinct d.member_id from roll_diff d
where d.moved or (d.low_seen is not null and not exists (
	select from membership s
	where s.organisation_id = @org and s.community_id = @com and s.member_id = d.member_id
		and s.started_at < d.low_seen and (s.ended_at is null or s.ended_at > d.high_seen)))
