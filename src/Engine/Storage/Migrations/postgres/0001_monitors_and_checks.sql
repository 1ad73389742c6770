-- Times are milliseconds since the Unix epoch, durations microseconds where the name ends in _us. Needs Postgres 13 or later.

-- One row. Every write transaction locks it before it changes anything else and compares the epoch, so a leader that was replaced writes nothing more,
-- writers take turns, and ids are committed in the order in which they were given.
create table leader_epoch (
  epoch bigint not null
);
create unique index leader_epoch_one_row on leader_epoch ((true));
insert into leader_epoch (epoch) values (0);

create table monitors (
  -- The API's service_id. The id of a monitor that retention took away is never given to another.
  id bigint generated always as identity primary key,
  namespace text collate "C" not null,
  name text collate "C" not null,
  uid text not null,
  generation bigint not null,
  manifest text not null,
  counts_from bigint not null,
  counts_from_generation bigint not null,
  deleted_at bigint,
  -- The health mark; health is null where none was saved.
  unhealthy boolean not null default false,
  health text,
  health_since bigint not null default 0,
  unique (namespace, name)
);

-- Locations and workers: a few short texts that every check repeats.
create table names (
  id integer generated always as identity primary key,
  name text collate "C" not null unique
);

create table certificates (
  id bigint generated always as identity primary key,
  not_after bigint not null,
  issuer text collate "C" not null,
  unique (issuer, not_after)
);

-- One partition a UTC day, checks_YYYYMMDD, made by the program. Columns are in the order of their width, so that none is padded. No foreign keys: they
-- would cost a look-up a row, and writers take turns, so the program checks a whole batch in one query that cannot become untrue.
create table checks (
  service_id bigint not null,
  due bigint not null,
  id bigint not null,
  -- The transaction that stored it. Whoever tails the table reads (stored_xid, id) below pg_snapshot_xmin: nothing can still appear there.
  stored_xid xid8 not null default pg_current_xact_id(),
  generation bigint not null,
  latency_us bigint not null,
  start_lag bigint not null,        -- started_at - due, ms
  dns_us bigint not null,
  connect_us bigint not null,
  tls_us bigint not null,
  first_byte_us bigint not null,
  download_us bigint not null,
  certificate_id bigint,
  location_id integer not null,
  worker_id integer not null,
  status_code integer,
  kind smallint not null,           -- 0 scheduled, 1 first, 2 manual
  outcome smallint not null,        -- 0 ok, 1 warn, 2 error, 3 down
  counts_in_latency boolean not null,
  message text,
  primary key (service_id, due, location_id)
) partition by range (due);

-- The last id given. Kept apart from the rows, so that ids grow on after retention took the newest row; not a sequence, because a whole block is taken at once.
create table counters (
  name text primary key,
  last bigint not null
) with (fillfactor = 10);           -- room for the next version of the row on its page
insert into counters (name, last) values ('checks', 0);
