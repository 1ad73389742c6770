-- When a check that shows the certificate was due last, to the day: retention deletes those that only deleted checks have shown. Those that are there already
-- count as seen now.
alter table certificates add column seen bigint not null default 0;
update certificates set seen = (extract(epoch from now()) * 1000)::bigint;
create index certificates_seen on certificates (seen);
