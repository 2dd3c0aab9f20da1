-- The days that members did or took part in anything. Those that wait count too:
-- a recomputation of one may be under way, which began before.
insert into dirty_day (organisation_id, community_id, day)
select @org::bigint, @com::bigint, day from member_day where organisation_id = @org and community_id = @com and member_id = any (@members::bigint[])
union
select @org::bigint, @com::bigint, day from dirty_day where organisation_id = @org and community_id = @com
