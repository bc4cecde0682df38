-- requeue: put a called person, or a no-show, back into the line; both of today.
--
-- args     id, to ('first', 'last', 'places'), places? (the hall's rule), reason?
-- refuses  unknown_ticket, wrong_state, put_back_too_late, already_waiting
-- facts    ahead: how many would be called before it now
-- Cost O(lines · log n).

local function requeued_turn(row, args)
  if args.to == 'first' then return first_turn() end
  if args.to == 'places' then return turn_behind(row, -1e12, args.places or head.requeue_places) end
  return last_turn()
end

verbs.requeue = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'requeue')
  if why then return why end
  local absent = row.state == 'no_show'
  if row.day ~= meta.day or (absent and head.now - row.ended_at > head.put_back_ms) then
    return refusal('put_back_too_late')
  end
  if waits_already(row) then return refusal('already_waiting') end
  if not line_for(row) then return refusal('unknown_ticket') end

  local change = { name = 'ticket.requeued', reason = args.reason or args.to }
  change = send(row, 'requeue', { turn = requeued_turn(row, args) }, change)
  change.facts = { ahead = people_ahead(row) }
  record(command, 0, change)
end
