-- Links that hold and are new. An end above zero is a customer, below an identity.
insert into link (organisation_id, community_id, identity_a, customer_a, identity_b, customer_b, rule, confidence)
select @org, @com, case when h.a < 0 then -h.a end, case when h.a > 0 then h.a end, case when h.b < 0 then -h.b end, case when h.b > 0 then h.b end,
	h.rule, h.confidence
from unnest(@as::bigint[], @bs::bigint[], @rules::text[], @confidences::real[]) as h (a, b, rule, confidence)
where not exists (select from link l where l.organisation_id = @org and l.community_id = @com and l.valid_to is null and l.a = h.a and l.b = h.b)
