-- When a check that shows the certificate was due last, to the day: retention deletes those that only deleted checks have shown. Those that are there already
-- count as seen now.
alter table certificates add column seen integer not null default 0;
update certificates set seen = cast(strftime('%s', 'now') as integer) * 1000;
create index certificates_seen on certificates (seen);
