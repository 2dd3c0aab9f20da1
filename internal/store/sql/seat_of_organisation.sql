select s.user_id, u.email, u.name, s.role,
	coalesce(array(select g.community_id from seat_community g where g.organisation_id = s.organisation_id and g.user_id = s.user_id
		order by 1), '{}'),
	u.totp_at is not null or exists (select from passkey p where p.user_id = u.id),
	s.created_at, (select max(n.seen_at) from session n where n.user_id = u.id and coalesce(n.acting_for, s.organisation_id) = s.organisation_id)
from seat s join app_user u on u.id = s.user_id
where s.organisation_id = @org
order by array_position(array['owner', 'admin', 'analyst', 'viewer', 'guest'], s.role), lower(u.name), lower(u.email)
