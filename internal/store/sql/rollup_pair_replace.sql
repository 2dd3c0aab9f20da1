insert into pair_day as x (organisation_id, community_id, day, low_id, high_id, forward, backward)
select @org, @com, day, low_id, high_id, forward, backward from roll_pair where not gone
on conflict (organisation_id, community_id, day, low_id, high_id) do update set
	forward = excluded.forward, backward = excluded.backward
