-- The tombstones of companies: their numbers, which are never used again. Not protected by row-level security, because
-- the removal begins here and then runs once per company.
create table deleted_companies (
    id int primary key,
    deleted_at timestamptz not null default clock_timestamp(),
    removed_at timestamptz
);
create index deleted_companies_to_remove on deleted_companies (id) where removed_at is null;
