-- hold: keep some for somebody, for a while.
--
-- args     id, sku, quantity, holder, hall? (where they are), most? (so many of it one person may have), beside? (so many
--          holds more they may have: the other lines of the same order)
-- refuses  limit_per_person, too_many_holds (limit; until: ms, when the first of them ends), out_of_stock (available)
-- Cost O(holds of the holder), and O(holds that have ended and nobody has let go).

-- The refusal that says until when: the first of these holds ends then.
local function too_many(ids, limit)
  local first = nil
  for _, id in ipairs(ids) do
    local ends = tonumber(redis.call('ZSCORE', DUE, id))
    first = first and math.min(first, ends) or ends
  end
  return refusal('too_many_holds', { ['until'] = first, limit = limit })
end

local function over_limit(args, mine)
  local same, kept = {}, 0
  for _, id in ipairs(mine) do
    local hold = row_of(HOLDS, id)
    if hold.sku == args.sku then same[#same + 1], kept = id, kept + hold.quantity end
  end
  if args.quantity > args.most then return refusal('limit_per_person', { limit = args.most }) end
  if kept + args.quantity > args.most then return too_many(same, args.most) end
end

-- Whoever was there when a crowd was turned away is told the same, however late their attempt is carried out: they may
-- have repeated it, and been of the crowd.
local function turned_away(args, command)
  local before = row_of(TURNED, args.sku)
  if before and command.received <= before.at and args.quantity > before.available then
    return refusal('out_of_stock', { available = before.available })
  end
end

verbs.hold = function(args, command)
  let_go()
  local late = turned_away(args, command)
  if late then return late end
  local mine = holds_of(args.holder)
  local limit = head.holds_per_holder + (args.beside or 0)
  if #mine >= limit then return too_many(mine, head.holds_per_holder) end
  local why = args.most and over_limit(args, mine)
  if why then return why end
  local level = level_of(args.sku)
  if available(level) < args.quantity then return refusal('out_of_stock', { available = available(level) }) end

  level.held = level.held + args.quantity
  local hold = {
    id = args.id, place = head.place, sku = args.sku, quantity = args.quantity, state = 'active', holder = args.holder,
    hall = args.hall, created_at = head.now, expires_at = head.now + head.hold_ms,
  }
  change(command, 0, 'stock.held', { level = level, hold = hold }, { subject = hold.id, to = 'active' })
end
