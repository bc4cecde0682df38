-- open_counter: a clerk takes a counter; another clerk's open counter changes hands.
--
-- args     counter
-- refuses  unchanged (it is open and this clerk's)
-- Cost O(1).

verbs.open_counter = function(args, command)
  local counter = counter_row(args.counter) or { id = args.counter, hall = head.hall }
  if counter.open and counter.clerk == command.actor then return nothing('unchanged') end

  counter.open, counter.clerk, counter.since = true, command.actor, head.now
  local change = { name = 'counter.opened', counter = counter.id, rows = { counter = counter } }
  save(change)
  record(command, 0, change)
end
