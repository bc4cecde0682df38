-- issue: give the next number and put its ticket at the end of the line.
--
-- args     id, service, class? (everybody's), claimed? (a class that staff must confirm), channel, remaining? (services
--          to go on with), holder? (keyed hash of the phone number), hold? and goods? (what it carries), contact?
--          (sealed), pace? (carried along for the answer's estimate), hold_refused? and hold_state? (why the hold can't be
--          carried)
-- refuses  hall_closed, hall_paused, service_closed, unknown_service, hall_full, already_waiting, hold_ended,
--          hold_carried, hold_elsewhere
-- facts    ahead: how many would be called before it; pace
-- Cost O(lines · log n). Numbers are unique per hall, day and prefix. What the hall offers says the head and not the
-- caller, who may not have heard yet of how it was changed.

local function is_shut(service)
  for _, one in ipairs(head.shut) do
    if one == service then return true end
  end
end

verbs.issue = function(args, command)
  if not head.open then return refusal('hall_closed') end
  local why = paused('issuing')
  if why then return why end
  local class, prefix = args.class or STANDARD, head.prefixes[args.service]
  if not (prefix and line_of[args.service][class]) then return refusal('unknown_service') end
  if is_shut(args.service) then return refusal('service_closed') end
  if head.capacity and tonumber(meta.head_count) >= head.capacity then return refusal('hall_full') end
  if args.hold_refused then return refusal(args.hold_refused, { state = args.hold_state }) end
  if args.hold and redis.call('HEXISTS', HOLDERS, carrier_field(args.hold)) == 1 then return refusal('hold_carried') end
  local row = {
    id = args.id, hall = head.hall, day = meta.day, service = args.service, prefix = prefix,
    class = class, claimed = args.claimed, channel = args.channel, remaining = args.remaining,
    holder = args.holder, hold = args.hold, goods = args.goods, created_at = head.now, calls = 0,
  }
  if waits_already(row) then return refusal('already_waiting') end

  row.serial = redis.call('HINCRBY', NUMBERS, prefix, 1)
  keep(NUMBERS)
  row.number = prefix .. string.format('%03d', row.serial)
  join_line(row, last_turn())
  row.age = row.turn
  hold(row)
  local facts = { ahead = people_ahead(row), pace = args.pace }
  local rows = { contact = args.contact and { ticket = row.id, sealed = args.contact } or nil }
  record(command, 0, move(row, 'issue', { name = 'ticket.issued', facts = facts, rows = rows }))
end
