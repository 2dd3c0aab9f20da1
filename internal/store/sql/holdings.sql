select (select count(*) from community where organisation_id = @org and (@com::bigint = 0 or id = @com) and deleted_at is null),
	(select count(*) from member where organisation_id = @org and (@com::bigint = 0 or community_id = @com) and population <> 2),
	(select count(*) from seat where organisation_id = @org and @com::bigint = 0),
	(select count(*) from import where organisation_id = @org and (@com::bigint = 0 or community_id = @com)),
	(select coalesce(sum(messages), 0) from community_tally where organisation_id = @org and (@com::bigint = 0 or community_id = @com))
