-- Times are milliseconds since the Unix epoch, durations microseconds where the name ends in _us.

create table monitors (
  -- The API's service_id. autoincrement: the id of a monitor that retention took away is never given to another.
  id integer primary key autoincrement,
  namespace text not null,
  name text not null,
  uid text not null,
  generation integer not null,
  manifest text not null,
  counts_from integer not null,
  counts_from_generation integer not null,
  deleted_at integer,
  -- The health mark; health is null where none was saved.
  unhealthy integer not null default 0,
  health text,
  health_since integer not null default 0,
  unique (namespace, name)
);

-- Locations and workers: a few short texts that every check repeats.
create table names (
  id integer primary key,
  name text not null unique
);

create table certificates (
  id integer primary key,
  not_after integer not null,
  issuer text not null,
  unique (issuer, not_after)
);

-- Clustered by service and due time: a window, a tail or a page is one stretch of neighbouring pages, with no look-up a row, and
-- uniqueness costs no second tree. Small integers take no more than their header byte in SQLite, so columns stay readable and compact.
create table checks (
  service_id integer not null references monitors (id),
  due integer not null,
  location_id integer not null,
  id integer not null,
  generation integer not null,
  kind integer not null,
  outcome integer not null,
  counts_in_latency integer not null,
  latency_us integer not null,
  start_lag integer not null,        -- started_at - due, ms
  worker_id integer not null,
  status_code integer,
  dns_us integer not null,
  connect_us integer not null,
  tls_us integer not null,
  first_byte_us integer not null,
  download_us integer not null,
  certificate_id integer,
  message text,
  primary key (service_id, due, location_id)
) without rowid;

-- The last id given. Kept apart from the rows, so that ids grow on after retention took the newest row.
create table counters (
  name text primary key,
  last integer not null
) without rowid;

insert into counters (name, last) values ('checks', 0);
