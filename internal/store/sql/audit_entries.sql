select id, organisation_id, at, coalesce(user_id, 0), actor, action, target, address, detail from audit_entry
where organisation_id = @org
	and (@user::bigint = 0 or user_id = @user)
	and (@action::text = '' or action = @action or starts_with(action, @action || '.'))
	and (@search::text = '' or position(lower(@search) in lower(actor || ' ' || target)) > 0)
	and (@from::timestamptz is null or at >= @from)
	and (@to::timestamptz is null or at < @to)
	and (@before::bigint = 0 or id < @before)
order by id desc limit @limit
