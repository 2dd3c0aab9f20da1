-- +goose Up
-- Tables of business data grow in bursts as well: an import fills them before
-- anybody else has looked at them.
-- +goose StatementBegin
create or replace function refresh_statistics(t text) returns void language plpgsql security definer set search_path from current as $$
begin
	if t not in ('identity', 'member', 'member_day', 'pair_day', 'reply', 'membership', 'member_week',
		'customer', 'contact_key', 'customer_order', 'order_line', 'refund', 'subscription', 'subscription_state') then
		raise exception 'refresh_statistics: %', t;
	end if;
	execute format('analyze %I', t);
end $$;
-- +goose StatementEnd
