-- Times are milliseconds since the Unix epoch. Namespace and name stand beside the id, because they outlive a change of store and a deleted monitor's row.

create table alerts (
  id text primary key,
  service_id integer not null,
  namespace text not null,
  name text not null,
  signal text not null,
  started_at integer not null,
  state integer not null,                -- 0 pending, 1 firing, 2 acknowledged, 3 resolved
  severity integer not null,             -- 0 warning, 1 critical
  reason text not null,
  message text not null,
  clear_since integer,
  announced_at integer,
  announcements integer not null,
  acknowledged_by text,
  acknowledged_at integer,
  ended_at integer
);
create index alerts_newest on alerts (started_at desc, id desc);
create index alerts_of_service on alerts (service_id, started_at desc, id desc);

create table incidents (
  service_id integer not null,
  started_at integer not null,
  namespace text not null,
  name text not null,
  ended_at integer,
  reason text not null,
  message text not null,
  primary key (service_id, started_at)
);
create index incidents_newest on incidents (started_at desc, service_id desc);

-- The outbox: what is to be told, written in one transaction with the alert that it tells of.
create table notifications (
  id text not null,
  channel_namespace text not null,
  channel_name text not null,
  decided_at integer not null,
  content text not null,            -- what is said, as JSON
  state integer not null,                -- 0 waiting, 1 sent, 2 suppressed, 3 failed
  attempts integer not null,
  at integer not null,                   -- of the last try; while it waits, of the next
  error text,
  primary key (id, channel_namespace, channel_name)
);
create index notifications_waiting on notifications (decided_at) where state = 0;
create index notifications_decided on notifications (decided_at);
