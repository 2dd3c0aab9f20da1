-- The persons: their number is their lowest customer, else their lowest member,
-- negative. Answers how many parts changed.
with given as (
	select g.grp, case when g.ref < 0 then i.member_id end as member_id, case when g.ref > 0 then g.ref end as customer_id
	from unnest(@groups::bigint[], @refs::bigint[]) g (grp, ref)
	left join identity i on i.organisation_id = @org and i.community_id = @com and i.id = -g.ref
), parts as (
	select distinct grp, member_id, customer_id from given
), numbered as (
	select coalesce(min(customer_id) over w, -min(member_id) over w) as person_id, count(*) over w as n, member_id, customer_id,
		coalesce(customer_id, -member_id) as part
	from parts window w as (partition by grp)
), shared as materialized ( -- a member alone is no person of several parts
	select * from numbered where n > 1
), gone as (
	delete from person_part p where p.organisation_id = @org and p.community_id = @com
		and not exists (select from shared s where s.part = p.part)
	returning 1
), put as (
	insert into person_part as p (organisation_id, community_id, person_id, member_id, customer_id)
	select @org, @com, person_id, member_id, customer_id from shared
	on conflict (organisation_id, community_id, part) do update set person_id = excluded.person_id where p.person_id <> excluded.person_id
	returning 1
)
select (select count(*) from gone) + (select count(*) from put)
