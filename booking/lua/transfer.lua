-- transfer: send a ticket to another service, or to one counter, or to another position of its line.
--
-- args     id, service?, counter?, position ('first', 'last', 'age'), remaining? ('' forgets them), reason?
-- refuses  unknown_ticket, wrong_state, unknown_service, already_waiting, counter_closed (it would call nobody)
-- facts    ahead: how many would be called before it now
-- Cost O(lines · log n).

local function position(row, wanted)
  if wanted == 'first' then return first_turn() end
  if wanted == 'age' then return row.age or row.turn end
  return last_turn()
end

-- What the visit goes on with, without a service that it is sent to now.
local function without(rest, service)
  local kept = {}
  for one in string.gmatch(rest or '', '[^,]+') do
    if one ~= service then kept[#kept + 1] = one end
  end
  return #kept > 0 and table.concat(kept, ',') or nil
end

verbs.transfer = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden_today(row, 'transfer')
  if why then return why end
  local service = args.service or row.service
  if not (line_of[service] and line_of[service][row.class]) then return refusal('unknown_service') end
  if waits_already(row, service) then return refusal('already_waiting') end
  local counter = args.counter and counter_row(args.counter)
  if args.counter and not (counter and counter.open) then return refusal('counter_closed') end

  row.remaining = without(args.remaining or row.remaining, args.service)
  leave_line(row) -- Before its turn is found: nobody is before or behind oneself.
  local to = { service = service, bound = args.counter, turn = position(row, args.position) }
  local change = send(row, 'transfer', to, { name = 'ticket.transferred', reason = args.reason or args.position })
  change.facts = { ahead = people_ahead(row) }
  record(command, 0, change)
end
