-- start: the called person is at the counter.
--
-- args     id
-- refuses  unknown_ticket, wrong_state
-- Cost O(1).

verbs.start = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'start')
  if why then return why end

  row.started_at = head.now
  record(command, 0, move(row, 'start', { name = 'ticket.serving' }))
end
