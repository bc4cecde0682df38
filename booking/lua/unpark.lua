-- unpark: put a parked ticket back into the line, where its turn is.
--
-- args     id, reason?
-- refuses  unknown_ticket, wrong_state
-- facts    ahead: how many would be called before it now
-- Cost O(lines · log n). A counter that is closed by now binds it no more.

verbs.unpark = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden_today(row, 'unpark')
  if why then return why end

  local bound = row.bound and counter_row(row.bound)
  local to = { bound = bound and bound.open and row.bound or nil, turn = row.turn }
  local change = send(row, 'unpark', to, { name = 'ticket.unparked', reason = args.reason })
  change.facts = { ahead = people_ahead(row) }
  record(command, 0, change)
end
