-- issue: give the next number and put its ticket at the end of the line.
--
-- args     id, service, prefix, class, channel, holder? (keyed hash of the phone number), contact? (sealed),
--          pace? (carried along for the answer's estimate), closed? (the hall was closed when the attempt came)
-- refuses  hall_closed, unknown_service, hall_full, already_waiting
-- facts    ahead: how many of the service wait before it; pace
-- Cost O(log n). Numbers are unique per hall, day and prefix.

verbs.issue = function(args, command)
  if args.closed then return refusal('hall_closed') end
  if not line_of[args.service] then return refusal('unknown_service') end
  if head.capacity and tonumber(meta.head_count) >= head.capacity then return refusal('hall_full') end
  local row = {
    id = args.id, hall = head.hall, day = meta.day, service = args.service, prefix = args.prefix,
    class = args.class, channel = args.channel, holder = args.holder,
    created_at = head.now, calls = 0,
  }
  if row.holder and redis.call('HEXISTS', HOLDERS, holder_field(row)) == 1 then return refusal('already_waiting') end

  row.serial = redis.call('HINCRBY', NUMBERS, args.prefix, 1)
  redis.call('EXPIRE', NUMBERS, KEPT_S)
  row.number = args.prefix .. string.format('%03d', row.serial)
  local facts = { ahead = redis.call('ZCARD', line_of[row.service]), pace = args.pace }
  join_line(row, tonumber(meta.version) + 1)
  hold(row)
  local rows = { contact = args.contact and { ticket = row.id, sealed = args.contact } or nil }
  local change = move(row, 'issue', { name = 'ticket.issued', facts = facts, rows = rows })
  record(command, 0, change)
end
