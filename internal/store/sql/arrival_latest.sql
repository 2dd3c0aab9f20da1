select m.id, a.joined_at, a.known, a.code, coalesce(i.member_id, 0), coalesce(w.name, '')
from unnest(@members::bigint[]) as m (id)
cross join lateral (
	select x.* from identity j
	join arrival x on x.organisation_id = @org and x.community_id = @com and x.identity_id = j.id
	where j.organisation_id = @org and j.community_id = @com and j.member_id = m.id
	order by x.joined_at desc, x.identity_id limit 1
) a
left join identity i on i.organisation_id = @org and i.community_id = @com and i.id = a.inviter_id
left join member w on w.organisation_id = @org and w.community_id = @com and w.id = i.member_id
