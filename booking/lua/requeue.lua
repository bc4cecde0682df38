-- requeue: put a called person, or a no-show, back into the line; both of today.
--
-- args     id, to ('first', 'last', 'places'), places?, put_back_ms (how long after a no-show it may be put back)
-- refuses  unknown_ticket, wrong_state, put_back_too_late, already_waiting
-- facts    ahead: how many of the service wait before it now
-- Cost O(services · log n).

-- A turn before everybody who waits, whatever the service.
local function first_turn()
  local first = tonumber(meta.version) + 1
  for _, line in pairs(line_of) do
    local head_of_line = redis.call('ZRANGE', line, 0, 0, 'WITHSCORES')
    if head_of_line[2] then first = math.min(first, tonumber(head_of_line[2])) end
  end
  return first - 1
end

-- A turn after `places` people of the line; the end when there are no more.
local function turn_after(line, places)
  local around = redis.call('ZRANGE', line, places - 1, places, 'WITHSCORES')
  if not around[4] then return tonumber(meta.version) + 1 end
  return (tonumber(around[2]) + tonumber(around[4])) / 2
end

local function new_turn(row, args)
  if args.to == 'first' then return first_turn() end
  if args.to == 'places' then return turn_after(line_of[row.service], args.places) end
  return tonumber(meta.version) + 1
end

verbs.requeue = function(args, command)
  local row = ticket_row(args.id)
  local why = forbidden(row, 'requeue')
  if why then return why end
  local absent = not live_states[row.state]
  if row.day ~= meta.day or (absent and head.now - row.ended_at > args.put_back_ms) then
    return refusal('put_back_too_late')
  end
  if absent and row.holder and redis.call('HEXISTS', HOLDERS, holder_field(row)) == 1 then
    return refusal('already_waiting')
  end
  if not line_of[row.service] then return refusal('unknown_ticket') end

  local counter = freed_counter(row)
  if absent then hold(row) end
  local from_counter = row.counter
  row.counter, row.ended_at = nil, nil
  join_line(row, new_turn(row, args))
  local facts = { ahead = redis.call('ZRANK', line_of[row.service], row.id) }
  local change = { name = 'ticket.requeued', reason = args.to, counter = from_counter, facts = facts, rows = { counter = counter } }
  record(command, 0, move(row, 'requeue', change))
end
