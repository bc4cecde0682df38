-- deallocate: the order has ended before anything left: others can have it.
--
-- args     id, why
-- refuses  unknown_allocation
-- Cost O(1).

verbs.deallocate = function(args, command)
  local allocation = row_of(ALLOCATIONS, args.id)
  if not allocation then return refusal('unknown_allocation') end

  local level = level_of(allocation.sku)
  level.allocated = level.allocated - allocation.quantity
  allocation.state, allocation.ended_at, allocation.why = 'released', head.now, args.why
  local told = { subject = allocation.id, from = 'allocated', to = 'released', reason = args.why }
  change(command, 0, 'stock.deallocated', { level = level, allocation = allocation }, told)
end
