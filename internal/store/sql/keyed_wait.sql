insert into keyed_version as w (organisation_id, community_id, key, revision, deleted, length, question, link)
select @org, @com, * from unnest(@keys::text[], @revisions::bigint[], @deleted::boolean[], @lengths::integer[], @questions::boolean[], @links::boolean[])
on conflict (organisation_id, community_id, key) do update set revision = excluded.revision, deleted = excluded.deleted,
	length = excluded.length, question = excluded.question, link = excluded.link
where w.revision < excluded.revision
