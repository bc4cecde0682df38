-- reset: end the live tickets of days gone by, some at a time.
--
-- args     most (how many at once)
-- refuses  nobody_waits (nothing is left to end)
-- Cost O(most · log n). Each ticket is a change of its own under one operation.

verbs.reset = function(args, command)
  local old = redis.call('ZRANGEBYSCORE', LIVE, '-inf', '(' .. head.day_number, 'LIMIT', 0, args.most)
  if #old == 0 then return nothing('nobody_waits') end

  local ordinal = 0
  for _, id in ipairs(old) do
    local row = ticket_row(id)
    if not forbidden(row, 'reset') then
      record(command, ordinal, finish(row, 'reset', { name = 'ticket.reset' }, false))
      ordinal = ordinal + 1
    else
      redis.call('HDEL', TICKETS, id)
      redis.call('ZREM', LIVE, id)
    end
  end
  if ordinal == 0 then return nothing('nobody_waits') end
end
