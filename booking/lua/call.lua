-- call: give the ticket whose turn it is, or a chosen one, to one counter.
--
-- args     counter, services (those that the counter serves), ticket?
-- refuses  counter_closed, counter_busy, nobody_waits, unknown_ticket, wrong_state
-- Cost O(services · log n). First come, first served over all services of the counter.

local function next_in_line(services)
  local first, first_turn
  for _, service in ipairs(services) do
    local found = line_of[service] and redis.call('ZRANGE', line_of[service], 0, 0, 'WITHSCORES') or {}
    if found[1] and (not first or tonumber(found[2]) < first_turn) then
      first, first_turn = found[1], tonumber(found[2])
    end
  end
  return first
end

verbs.call = function(args, command)
  local counter = counter_row(args.counter)
  if not counter or not counter.open then return refusal('counter_closed') end
  if counter.ticket then return refusal('counter_busy') end
  local id = args.ticket or next_in_line(args.services)
  if not id then return nothing('nobody_waits') end
  local row = ticket_row(id)
  local why = forbidden(row, 'call')
  if why then return why end

  leave_line(row)
  row.counter, row.called_at, row.calls = counter.id, head.now, row.calls + 1
  counter.ticket, counter.since = row.id, head.now
  record(command, 0, move(row, 'call', { name = 'ticket.called', rows = { counter = counter } }))
end
