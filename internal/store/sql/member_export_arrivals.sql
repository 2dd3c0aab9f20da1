-- by which invitation the member came, and who came by theirs: the others by number only
select row_to_json(x) from (
	select a.joined_at, 'came' as how, a.known, a.code, i.member_id as other_member
	from arrival a
	join identity j on j.organisation_id = @org and j.community_id = @com and j.id = a.identity_id and j.member_id = @member
	left join identity i on i.organisation_id = @org and i.community_id = @com and i.id = a.inviter_id
	where a.organisation_id = @org and a.community_id = @com
	union all
	select a.joined_at, 'invited', a.known, a.code, j.member_id
	from arrival a
	join identity i on i.organisation_id = @org and i.community_id = @com and i.id = a.inviter_id and i.member_id = @member
	join identity j on j.organisation_id = @org and j.community_id = @com and j.id = a.identity_id
	where a.organisation_id = @org and a.community_id = @com
	order by 1, 2, 5
) x
