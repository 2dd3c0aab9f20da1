-- +goose Up
-- What one euro was worth on a day, as published after the history that is part of
-- the program. It is the same for everybody: no organisation, no row security.
create table exchange_rate (
	currency text not null check (currency ~ '^[A-Z]{3}$' and currency <> 'EUR'),
	day date not null,
	rate numeric not null check (rate > 0 and rate < 'Infinity'),
	primary key (currency, day)
);
create index exchange_rate_day on exchange_rate (day);
