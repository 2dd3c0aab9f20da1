-- +goose Up
-- Something may be missing again while a walk is under way, which has passed the
-- newest already: from when another one begins once this one ends. -infinity for
-- the whole history.
alter table backfill add column again timestamptz;
