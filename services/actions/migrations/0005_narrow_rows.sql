-- A command changes at least twice. Its payload never does: kept beside the row, it is not written again each time.
ALTER TABLE actions.command SET (toast_tuple_target = 512);

-- A claim is kept by an update that touches no index: with room on its page it is not entered into the indexes again.
ALTER TABLE actions.claim SET (fillfactor = 40);
