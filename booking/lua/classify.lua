-- classify: staff confirm the class that somebody claimed, or give another; the turn is kept.
--
-- args     id, class, reason?
-- refuses  unknown_ticket, wrong_state, unknown_class
-- facts    ahead: how many would be called before it now
-- Cost O(lines · log n).

verbs.classify = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden_today(row, 'classify')
  if why then return why end
  if not (line_of[row.service] and line_of[row.service][args.class]) then return refusal('unknown_class') end

  leave_line(row)
  row.class, row.claimed = args.class, nil
  join_line(row, row.turn)
  local change = { name = 'ticket.classified', reason = args.reason or args.class }
  change.facts = { ahead = people_ahead(row) }
  record(command, 0, move(row, 'classify', change))
end
