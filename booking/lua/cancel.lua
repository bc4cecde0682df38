-- cancel: staff end the ticket.
--
-- args     id, reason?
-- refuses  unknown_ticket, wrong_state
-- Cost O(log n).

verbs.cancel = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'cancel')
  if why then return why end

  record(command, 0, finish(row, 'cancel', { name = 'ticket.cancelled', reason = args.reason }, false))
end
