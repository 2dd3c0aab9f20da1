select m.name, m.population, m.erased_at is not null,
	coalesce((select array_agg(distinct i.handle) from identity i where i.organisation_id = @org and i.community_id = @com and i.member_id = m.id and i.handle <> ''), '{}'),
	coalesce((select array_agg(distinct i.email) from identity i where i.organisation_id = @org and i.community_id = @com and i.member_id = m.id and i.email <> ''), '{}'),
	coalesce((select array_agg(distinct i.platform) from identity i where i.organisation_id = @org and i.community_id = @com and i.member_id = m.id), '{}'),
	(select count(*) from identity i where i.organisation_id = @org and i.community_id = @com and i.member_id = m.id),
	coalesce((select sum(w.messages) from member_week w where w.organisation_id = @org and w.community_id = @com and w.member_id = m.id), 0),
	coalesce((select sum(w.reactions) from member_week w where w.organisation_id = @org and w.community_id = @com and w.member_id = m.id), 0),
	(select count(*) from member_day d where d.organisation_id = @org and d.community_id = @com and d.member_id = m.id)
from member m where m.organisation_id = @org and m.community_id = @com and m.id = @member
