-- What other systems are told of besides checks, in the order in which it was committed: there is one writer at a time.
create table events (
  id integer primary key autoincrement,
  topic text not null,
  -- Derived from what happened: written again after a crash, it is the same, and nothing is told twice.
  key text not null unique,
  namespace text not null,
  name text not null,
  at integer not null,
  content text not null              -- JSON
);
create index events_of_topic on events (topic, id);
create index events_at on events (at);

-- How far a reader of events or checks has come.
create table cursors (
  name text primary key,
  position integer not null
) without rowid;

-- Whoever tails the checks reads them by id.
create index checks_by_id on checks (id);
