-- turn_away: judge a crowd that wants more of one product than could be had a moment ago.
--
-- args     sku, wishes: {{operation id, quantity}, …}, each an attempt to hold some of it
-- refuses  turned_away (available; alone?: the numbers, from 1, of the wishes that are judged each by itself, since there
--          is enough for it, or since it was carried out before)
-- Cost O(wishes).
--
-- Nobody's refusal is kept by its operation id. The moment is kept instead, once a product: an attempt that was received
-- by then and carried out later is refused by `hold`, as the crowd was.

verbs.turn_away = function(args)
  let_go()
  local left = available(level_of(args.sku))
  local ops, alone = {}, {}
  for n, wish in ipairs(args.wishes) do ops[n] = wish[1] end
  local known = redis.call('ZMSCORE', OPS, unpack(ops))
  for n, wish in ipairs(args.wishes) do
    if known[n] or wish[2] <= left then alone[#alone + 1] = n end
  end
  if #alone < #ops then
    redis.call('HSET', TURNED, args.sku, cjson.encode({ at = head.now, available = left }))
    redis.call('PEXPIRE', TURNED, REFUSAL_MS)
  end
  return refusal('turned_away', { available = left, alone = alone[1] and alone })
end
