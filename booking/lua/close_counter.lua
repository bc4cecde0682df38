-- close_counter: the counter calls nobody any more.
--
-- args     counter
-- refuses  counter_busy (its ticket must be finished first), unchanged (it is closed)
-- Cost O(1).

verbs.close_counter = function(args, command)
  local counter = counter_row(args.counter)
  if not counter or not counter.open then return nothing('unchanged') end
  if counter.ticket then return refusal('counter_busy') end

  counter.open, counter.clerk, counter.since = false, nil, head.now
  local change = { name = 'counter.closed', counter = counter.id, rows = { counter = counter } }
  save(change)
  record(command, 0, change)
end
