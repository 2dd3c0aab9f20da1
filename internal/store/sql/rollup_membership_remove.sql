with gone as (
	delete from membership s using roll_person p
	where s.organisation_id = @org and s.community_id = @com and s.member_id = p.member_id
	returning s.start_day, s.end_day, s.number, s.inferred
), days as (
	insert into roll_touched select start_day from gone union select end_day from gone where end_day is not null
)
insert into roll_cohort select distinct date_trunc('week', start_day)::date from gone where number = 1 and not inferred
