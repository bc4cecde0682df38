-- open_counter: a clerk takes a counter; one that another clerk has only when they say so.
--
-- args     counter, take_over?
-- refuses  unknown_counter, counter_occupied, unchanged (it is open and this clerk's)
-- Cost O(1).

verbs.open_counter = function(args, command)
  if not line_of['@' .. args.counter] then return refusal('unknown_counter') end
  local counter = counter_row(args.counter) or { id = args.counter, hall = head.hall }
  if counter.open and counter.clerk == command.actor then return nothing('unchanged') end
  if counter.open and not args.take_over then return refusal('counter_occupied') end

  local change = { name = 'counter.opened', reason = counter.open and 'taken_over' or nil, counter = counter.id }
  counter.open, counter.clerk, counter.since = true, command.actor, head.now
  change.rows = { counter = counter }
  save(change)
  record(command, 0, change)
end
