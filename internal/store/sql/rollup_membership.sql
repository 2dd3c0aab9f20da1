-- Each departure closes a spell, the last one stays open. A spell begins with
-- the first join or the first contribution in it; with a contribution of
-- uncertain time only when there is nothing else; with the departure itself
-- when there is nothing at all.
with life as materialized (
	select d.member_id, d.first_at, d.last_at, d.guess_at, d.joins, d.leaves, d.leave_details
	from roll_person p
	join member_day d on d.organisation_id = @org and d.community_id = @com and d.member_id = p.member_id
), went as (
	select d.member_id, l.at, l.detail from life d cross join lateral unnest(d.leaves, d.leave_details) as l (at, detail)
), spell as materialized (
	select member_id, coalesce(lag(at) over (partition by member_id order by at, detail), '-infinity') as low, at as high, detail from went
	union all
	select p.member_id, coalesce(max(w.at), '-infinity'), 'infinity', null
	from roll_person p left join went w on w.member_id = p.member_id group by p.member_id
), came as (
	select s.member_id, s.high, min(j.at) as at
	from life d cross join lateral unnest(d.joins) as j (at)
	join spell s on s.member_id = d.member_id and j.at > s.low and j.at <= s.high
	group by s.member_id, s.high
), seen as (
	select s.member_id, s.high,
		min(case when d.first_at > s.low then d.first_at else d.last_at end)
			filter (where d.last_at > s.low and case when d.first_at > s.low then d.first_at else d.last_at end <= s.high) as at,
		min(d.guess_at) filter (where s.low = '-infinity' and d.guess_at <= s.high) as guess_at
	from life d join spell s on s.member_id = d.member_id
	group by s.member_id, s.high
), begun as (
	select s.member_id, s.low, s.high, s.detail, c.at as join_at,
		coalesce(least(c.at, n.at), n.guess_at, nullif(s.high, 'infinity')) as started_at
	from spell s
	left join came c on c.member_id = s.member_id and c.high = s.high
	left join seen n on n.member_id = s.member_id and n.high = s.high
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
