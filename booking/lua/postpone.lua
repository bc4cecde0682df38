-- postpone: let the next people behind go first ("let me be later").
--
-- args     id, places, pace? (carried along for the answer's estimate)
-- refuses  unknown_ticket, wrong_state
-- facts    ahead: how many would be called before it now; pace
-- Cost O(lines · (log n + places)).

verbs.postpone = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden_today(row, 'postpone')
  if why then return why end
  if not line_for(row) then return refusal('unknown_ticket') end

  join_line(row, turn_behind(row, row.turn, args.places))
  local change = { name = 'ticket.postponed', reason = 'places:' .. args.places }
  change.facts = { ahead = people_ahead(row), pace = args.pace }
  record(command, 0, move(row, 'postpone', change))
end
