select m.id from member m
where m.organisation_id = @org and m.community_id = @com and m.erased_at is null and m.population <> 2
	and not exists (select from member_day d
		where d.organisation_id = @org and d.community_id = @com and d.member_id = m.id and d.day >= @day)
	and not exists (select from identity i
		where i.organisation_id = @org and i.community_id = @com and i.member_id = m.id
			-- somebody who was met just now may not be rolled up yet
			and ((i.listed and not i.departed) or i.created_at > now() - interval '1 day'))
order by m.id limit @limit
