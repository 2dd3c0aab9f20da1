-- Each departure closes a spell, the last one stays open. A spell begins with
-- the first join or the first contribution in it; with a contribution of
-- uncertain time only when there is nothing else; with the departure itself
-- when there is nothing at all.
with went as (
	select d.member_id, l.at, l.detail
	from roll_person p
	join member_day d on d.organisation_id = @org and d.community_id = @com and d.member_id = p.member_id
	cross join lateral unnest(d.leaves, d.leave_details) as l (at, detail)
), came as (
	select d.member_id, j.at
	from roll_person p
	join member_day d on d.organisation_id = @org and d.community_id = @com and d.member_id = p.member_id
	cross join lateral unnest(d.joins) as j (at)
), spell as (
	select member_id, coalesce(lag(at) over (partition by member_id order by at, detail), '-infinity') as low, at as high, detail from went
	union all
	select p.member_id, coalesce(max(w.at), '-infinity'), 'infinity', null
	from roll_person p left join went w on w.member_id = p.member_id group by p.member_id
), sight as (
	select s.*,
		(select min(c.at) from came c where c.member_id = s.member_id and c.at > s.low and c.at <= s.high) as join_at,
		(select min(f.at) from member_day d
			cross join lateral (select case when d.first_at > s.low then d.first_at else d.last_at end as at) f
			where d.organisation_id = @org and d.community_id = @com and d.member_id = s.member_id
				and d.last_at > s.low and f.at <= s.high) as seen_at,
		(select min(d.guess_at) from member_day d
			where d.organisation_id = @org and d.community_id = @com and d.member_id = s.member_id
				and s.low = '-infinity' and d.guess_at <= s.high) as guess_at
	from spell s
), begun as (
	select member_id, low, high, detail, join_at,
		coalesce(least(join_at, seen_at), guess_at, nullif(high, 'infinity')) as started_at
	from sight
), counted as (
	select b.member_id, m.population, b.started_at, (b.started_at at time zone @zone::text)::date as start_day,
		b.join_at is null or b.started_at < b.join_at as inferred,
		nullif(b.high, 'infinity') as ended_at, (nullif(b.high, 'infinity') at time zone @zone::text)::date as end_day, coalesce(b.detail, '') as detail,
		row_number() over (partition by b.member_id order by b.high) as number
	from begun b join member m on m.organisation_id = @org and m.community_id = @com and m.id = b.member_id
	where b.started_at is not null and m.population < 2
), kept as (
	insert into membership (organisation_id, community_id, member_id, number, population, started_at, start_day, inferred,
		ended_at, end_day, end_detail, prev_end_day)
	select @org, @com, member_id, number, population, started_at, start_day, inferred, ended_at, end_day, detail,
		lag(end_day) over (partition by member_id order by number)
	from counted
	returning start_day, end_day, number, inferred
), days as (
	insert into roll_touched select start_day from kept union select end_day from kept where end_day is not null
)
insert into roll_cohort select distinct date_trunc('week', start_day)::date from kept where number = 1 and not inferred
