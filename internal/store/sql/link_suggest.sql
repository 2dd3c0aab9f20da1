-- What is to be asked: what was asked before keeps its date, what is answered by
-- now goes.
with asked as materialized (
	select * from unnest(@as::bigint[], @bs::bigint[], @rules::text[], @confidences::real[]) as q (a, b, rule, confidence)
), gone as (
	delete from link_suggestion s where s.organisation_id = @org and s.community_id = @com
		and not exists (select from asked q where q.a = s.a and q.b = s.b)
)
insert into link_suggestion (organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, rule, confidence)
select @org, @com, case when q.a < 0 then -q.a end, case when q.a > 0 then q.a end, case when q.b < 0 then -q.b end, case when q.b > 0 then q.b end,
	q.rule, q.confidence
from asked q
on conflict (organisation_id, community_id, a, b) do update set rule = excluded.rule, confidence = excluded.confidence
