-- What other systems are told of besides checks, in the order in which it was committed: writers take turns (leader_epoch), so ids ascend with the commits.
create table events (
  id bigint generated always as identity primary key,
  topic text collate "C" not null,
  -- Derived from what happened: written again after a crash, it is the same, and nothing is told twice.
  key text collate "C" not null unique,
  namespace text not null,
  name text not null,
  at bigint not null,
  content text not null              -- JSON
);
create index events_of_topic on events (topic, id);
create index events_at on events (at);

-- How far a reader of events or checks has come.
create table cursors (
  name text collate "C" primary key,
  position bigint not null
);

-- Whoever tails the checks reads them by id.
create index checks_by_id on checks (id);
