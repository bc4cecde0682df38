-- recall: call the same ticket again at the same counter.
--
-- args     id
-- refuses  unknown_ticket, wrong_state
-- Cost O(1).

verbs.recall = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden_today(row, 'recall')
  if why then return why end

  row.calls, row.called_at = row.calls + 1, head.now
  record(command, 0, move(row, 'recall', { name = 'ticket.recalled' }))
end
