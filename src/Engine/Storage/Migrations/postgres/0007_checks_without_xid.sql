-- Checks are tailed by id: writers take turns (leader_epoch), so ids ascend with the commits and nothing asks for the transaction. No row is rewritten.
alter table checks drop column stored_xid;
