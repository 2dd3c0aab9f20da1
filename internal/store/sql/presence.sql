with moves as (
	select distinct on (identity_id) identity_id, kind, occurred_at from activity
	where organisation_id = @org and community_id = @com and kind in (3, 4) and identity_id is not null and not deleted
	order by identity_id, occurred_at desc, kind desc
), accounts as (
	select count(*) as n from connection where organisation_id = @org and community_id = @com and platform = @platform
)
select i.external_id, i.listed, coalesce(m.kind, 3) = 3 and not i.departed and accounts.n <= 1, m.occurred_at
from identity i cross join accounts left join moves m on m.identity_id = i.id
where i.organisation_id = @org and i.community_id = @com and i.platform = @platform and not i.bot
