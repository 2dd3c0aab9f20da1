-- after a change of time zone: each day that any activity lies on now
insert into dirty_day (organisation_id, community_id, day)
select distinct @org::bigint, @com::bigint, (occurred_at at time zone @zone::text)::date
from activity where organisation_id = @org and community_id = @com
