-- allocate: an order's line gets what was held for it.
--
-- args     id (of the hold, and of the allocation), line
-- refuses  unknown_hold
-- Cost O(log n).

verbs.allocate = function(args, command)
  let_go()
  local hold = row_of(HOLDS, args.id)
  if not hold then return refusal('unknown_hold') end

  local level = level_of(hold.sku)
  level.held, level.allocated = level.held - hold.quantity, level.allocated + hold.quantity
  hold.state, hold.ended_at = 'converted', head.now
  local allocation = {
    id = hold.id, place = head.place, sku = hold.sku, quantity = hold.quantity, state = 'allocated', line = args.line,
    created_at = head.now,
  }
  local rows = { level = level, hold = hold, allocation = allocation }
  change(command, 0, 'stock.allocated', rows, { subject = hold.id, from = 'active', to = 'converted' })
end
