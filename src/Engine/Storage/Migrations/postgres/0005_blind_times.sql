-- When locations were blind (all their monitors failed while another saw them well): a restart judges the rounds of a day anew, and must not count their votes.
create table blind_times (
  pool text not null,
  began_at bigint not null,
  ended_at bigint,
  primary key (pool, began_at)
);
