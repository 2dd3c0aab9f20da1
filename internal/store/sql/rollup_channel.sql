with gone as (
	delete from channel_day x using roll_day d
	where x.organisation_id = @org and x.community_id = @com and x.day = d.day
		and not exists (select from roll_act r where r.day = x.day and r.channel_id = x.channel_id and r.kind = 1 and r.population is distinct from 2)
)
insert into channel_day (organisation_id, community_id, day, channel_id, messages, members)
select @org, @com, day, channel_id, count(*), count(distinct member_id)
from roll_act where kind = 1 and channel_id is not null and population is distinct from 2
group by day, channel_id
on conflict (organisation_id, community_id, day, channel_id) do update set messages = excluded.messages, members = excluded.members
