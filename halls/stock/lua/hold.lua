-- hold: keep some for somebody, for a while.
--
-- args     id, sku, quantity, holder, hall? (where they are), ticket?
-- refuses  too_many_holds (until: ms), out_of_stock (available)
-- Cost O(holds of the holder), and O(holds that have ended and nobody has let go).

verbs.hold = function(args, command)
  let_go()
  local mine = holds_of(args.holder)
  if #mine >= head.holds_per_holder then
    local first = nil
    for _, id in ipairs(mine) do
      local ends = tonumber(redis.call('ZSCORE', DUE, id))
      first = first and math.min(first, ends) or ends
    end
    return refusal('too_many_holds', { ['until'] = first, limit = head.holds_per_holder })
  end
  local level = level_of(args.sku)
  if available(level) < args.quantity then return refusal('out_of_stock', { available = available(level) }) end

  level.held = level.held + args.quantity
  local hold = {
    id = args.id, place = head.place, sku = args.sku, quantity = args.quantity, state = 'active', holder = args.holder,
    hall = args.hall, ticket = args.ticket, created_at = head.now, expires_at = head.now + head.hold_ms,
  }
  change(command, 0, 'stock.held', { level = level, hold = hold }, { subject = hold.id, to = 'active' })
end
