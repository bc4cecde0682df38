-- complete: the person has been served here; the counter is free. A visit of several services goes on with the next.
--
-- args     id, outcome?
-- refuses  unknown_ticket, wrong_state
-- facts    ahead: how many would be called before it, where the visit goes on
-- Cost O(lines · log n).

verbs.complete = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'complete')
  if why then return why end

  local change = complete(row, args.outcome)
  if row.state == 'waiting' then change.facts = { ahead = people_ahead(row) } end
  record(command, 0, change)
end
