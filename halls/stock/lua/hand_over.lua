-- hand_over: what was allocated leaves the place, with a customer or a carrier.
--
-- args     id, serials?
-- refuses  unknown_allocation, serial_unknown
-- Cost O(serials).

verbs.hand_over = function(args, command)
  local allocation = row_of(ALLOCATIONS, args.id)
  if not allocation then return refusal('unknown_allocation') end
  local why = not_here(allocation.sku, args.serials)
  if why then return why end

  local ordinal = go(command, allocation.sku, args.serials, allocation.id)
  local level = level_of(allocation.sku)
  level.allocated = level.allocated - allocation.quantity
  allocation.state, allocation.ended_at = 'handed_over', head.now
  local told = { subject = allocation.id, from = 'allocated', to = 'handed_over', rows = { allocation = allocation } }
  move(command, ordinal, 'sold', level, -allocation.quantity, told)
end
