select o.id, o.name, o.kind, o.sample, o.logo is not null, o.logo_hash, o.brand_colour, o.brand_ink, o.time_zone, o.fiscal_start,
	o.currency, o.week_start, coalesce(o.retain_months, 0), o.language, o.created_at,
	s.role, coalesce(array(select g.community_id from seat_community g where g.organisation_id = s.organisation_id and g.user_id = s.user_id
		order by 1), '{}'), s.created_at
from seat s join organisation o on o.id = s.organisation_id
where s.user_id = @user and o.deleted_at is null
order by lower(o.name), o.id
