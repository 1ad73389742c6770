-- The workers that were connected last: a new leader plans for them as if they were there until they had the time to come back.
create table workers (
  id text primary key,
  pool text not null,
  capacity integer not null,
  connected_at integer not null
);
