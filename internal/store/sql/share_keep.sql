-- The row lock waits for a recomputation that is under way; after it the count
-- differs, and nothing is kept.
insert into member_share (organisation_id, community_id, from_day, to_day, shares)
select organisation_id, id, @from, @to, @shares::integer[]
from (select organisation_id, id from community where organisation_id = @org and id = @com and rolled = @rolled for share) c
on conflict do nothing
