-- complete: the person has been served; the counter is free.
--
-- args     id, outcome?
-- refuses  unknown_ticket, wrong_state
-- Cost O(log n).

verbs.complete = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'complete')
  if why then return why end

  row.outcome = args.outcome
  record(command, 0, finish(row, 'complete', { name = 'ticket.completed', reason = args.outcome }, false))
end
