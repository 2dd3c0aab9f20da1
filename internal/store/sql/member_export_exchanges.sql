-- with whom, by number: who they are is theirs
select row_to_json(x) from (
	select day, case when low_id = @member then high_id else low_id end as with_member,
		case when low_id = @member then forward else backward end as given, case when low_id = @member then backward else forward end as received
	from pair_day where organisation_id = @org and community_id = @com and (low_id = @member or high_id = @member) order by day, 2
) x
