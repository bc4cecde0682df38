-- call: give the ticket whose turn it is, or a chosen one, to one counter. Whoever was being served there is done.
--
-- args     counter, ticket?, reason? (why the chosen one), any? (the caller may call at everybody's counter)
-- refuses  counter_closed, counter_occupied, hall_paused, counter_busy, nobody_waits, unknown_ticket, wrong_state
-- Cost O(services · log n). The change before the call, if there is one, is the completion of who was being served.

verbs.call = function(args, command)
  local counter = counter_row(args.counter)
  if not counter or not counter.open then return refusal('counter_closed') end
  if counter.clerk ~= command.actor and not args.any then return refusal('counter_occupied') end
  local why = paused('calling')
  if why then return why end
  local served = counter.ticket and ticket_row(counter.ticket)
  if counter.ticket and not (served and served.state == 'serving') then return refusal('counter_busy') end
  local chosen = args.ticket and ticket_row(args.ticket)
  why = args.ticket and forbidden_today(chosen, 'call')
  if why then return why end

  local ordinal = 0
  if served then
    record(command, ordinal, complete(served))
    ordinal, counter = 1, counter_row(args.counter)
  end
  local id, reason, share = args.ticket, args.reason or 'chosen', nil
  if not id then id, reason, share = next_of(counter.id) end
  if not id then
    if served then return nil end
    return nothing('nobody_waits')
  end

  local row = ticket_row(id)
  leave_line(row)
  row.counter, row.bound, row.called_at, row.calls = counter.id, nil, head.now, row.calls + 1
  counter.ticket, counter.since = row.id, head.now
  local change = { name = 'ticket.called', reason = reason, rows = { counter = counter, share = share } }
  record(command, ordinal, move(row, 'call', change))
end
