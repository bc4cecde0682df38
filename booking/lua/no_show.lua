-- no_show: the called person did not come. The ticket is kept for the day, since it may be put back.
--
-- args     id
-- refuses  unknown_ticket, wrong_state
-- Cost O(log n).

verbs.no_show = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'no_show')
  if why then return why end

  record(command, 0, finish(row, 'no_show', { name = 'ticket.no_show' }, true))
end
