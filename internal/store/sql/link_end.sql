-- Links of rules that hold no longer end. What somebody said stays until somebody
-- takes it back.
update link l set valid_to = clock_timestamp(), ended_why = 'rule'
where l.organisation_id = @org and l.community_id = @com and l.valid_to is null and l.actor_id is null and l.rule <> 'member'
	and not exists (select from unnest(@as::bigint[], @bs::bigint[], @rules::text[], @confidences::real[]) as h (a, b, rule, confidence)
		where h.a = l.a and h.b = l.b and h.rule = l.rule and h.confidence = l.confidence)
