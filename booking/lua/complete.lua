-- complete: the person has been served here; the counter is free. A visit of several services goes on with the next.
--
-- args     id, outcome?
-- refuses  unknown_ticket, wrong_state
-- Cost O(log n).

verbs.complete = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'complete')
  if why then return why end

  record(command, 0, complete(row, args.outcome))
end
