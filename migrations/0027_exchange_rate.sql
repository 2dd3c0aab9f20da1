-- +goose Up
create table exchange_rate (currency text not null, day date not null, rate numeric not null, primary key (currency, day));
