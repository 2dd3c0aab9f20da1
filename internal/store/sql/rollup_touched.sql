-- the days themselves, and those whose joiners may now count as activated
insert into roll_touched
select day from roll_day
union
select s.start_day from roll_diff d
join membership s on s.organisation_id = @org and s.community_id = @com and s.member_id = d.member_id and s.number = 1
where d.active_changed and s.start_day > d.day - 7 and s.start_day <= d.day
