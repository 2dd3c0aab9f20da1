-- A deletion often says only which message it was: what is known of it stays.
update activity set
	kind = $5, connection_id = $6,
	identity_id = coalesce($7, identity_id), channel_id = coalesce($8, channel_id),
	parent_at = coalesce($9, parent_at), parent_key = coalesce($10, parent_key),
	parent_identity_id = coalesce($11, parent_identity_id), mentions = coalesce($12::bigint[], mentions),
	position = $13, amount = $14, length = $15, question = $16, link = $17,
	inferred = $18, unlinked = $19, deleted = $20, detail = $21, revision = $22
where organisation_id = $1 and community_id = $2 and occurred_at = $3 and key = $4 and revision < $22
