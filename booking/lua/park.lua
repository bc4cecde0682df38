-- park: take a ticket out of the line for a while, or from its counter; its turn is kept.
--
-- args     id, reason?
-- refuses  unknown_ticket, wrong_state
-- Cost O(log n).

verbs.park = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden_today(row, 'park')
  if why then return why end

  leave_line(row)
  local rows = { counter = freed_counter(row) }
  local change = { name = 'ticket.parked', reason = args.reason, counter = row.counter, rows = rows }
  row.counter, row.started_at = nil, nil
  record(command, 0, move(row, 'park', change))
end
