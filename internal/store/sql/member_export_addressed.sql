-- what others addressed to the member, without saying who they are
select row_to_json(x) from (
	select a.occurred_at, case a.kind when 1 then 'message' when 2 then 'reaction' else 'other' end as kind,
		case when a.parent_identity_id = any (w.ids) then 'answer' else 'mention' end as how, i.member_id as by_member
	from (select array_agg(id) as ids from identity where organisation_id = @org and community_id = @com and member_id = @member) w
	join activity a on a.organisation_id = @org and a.community_id = @com and (a.parent_identity_id = any (w.ids) or a.mentions && w.ids)
	left join identity i on i.organisation_id = @org and i.community_id = @com and i.id = a.identity_id
	where i.member_id is distinct from @member::bigint
	order by a.occurred_at, a.key
) x
