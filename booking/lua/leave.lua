-- leave: the customer gives the place up.
--
-- args     id
-- refuses  unknown_ticket, wrong_state
-- Cost O(log n).

verbs.leave = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'leave')
  if why then return why end

  record(command, 0, finish(row, 'leave', { name = 'ticket.left' }, false))
end
