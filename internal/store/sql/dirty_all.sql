insert into dirty_day (organisation_id, community_id, day)
select @org::bigint, @com::bigint, day from community_day where organisation_id = @org and community_id = @com
union
select @org::bigint, @com::bigint, day from member_day where organisation_id = @org and community_id = @com
union -- a recomputation that is under way may have begun before; its days are still here
select @org::bigint, @com::bigint, day from dirty_day where organisation_id = @org and community_id = @com
