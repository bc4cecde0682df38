-- close_counter: the counter calls nobody any more. Who waits for this counter alone waits for any other from now on.
--
-- args     counter, any? (the caller may close everybody's counter)
-- refuses  counter_occupied, counter_busy (its ticket must be finished first), unchanged (it is closed)
-- Cost O(who waits for it · log n). The last change is the counter's own.

verbs.close_counter = function(args, command)
  local counter = counter_row(args.counter)
  if not counter or not counter.open then return nothing('unchanged') end
  if counter.clerk ~= command.actor and not args.any then return refusal('counter_occupied') end
  if counter.ticket then return refusal('counter_busy') end

  local ordinal = 0
  for _, line in pairs(line_of['@' .. counter.id] or {}) do
    for _, id in ipairs(redis.call('ZRANGE', line, 0, -1)) do
      local row = ticket_row(id)
      local change = { name = 'ticket.transferred', reason = 'counter_closed' }
      record(command, ordinal, send(row, 'transfer', { turn = row.turn }, change))
      ordinal = ordinal + 1
    end
  end
  counter.open, counter.clerk, counter.since = false, nil, head.now
  local change = { name = 'counter.closed', counter = counter.id, rows = { counter = counter } }
  save(change)
  record(command, ordinal, change)
end
