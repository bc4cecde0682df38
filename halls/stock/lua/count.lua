-- count: somebody has counted how many are here.
--
-- args     sku, on_hand, reason
-- refuses  stock_committed: fewer than are held and allocated
-- Cost O(1).

verbs.count = function(args, command)
  let_go()
  local level = level_of(args.sku)
  local committed = level.allocated + level.held
  if args.on_hand < committed then return refusal('stock_committed', { committed = committed }) end

  move(command, 0, 'counted', level, args.on_hand - level.on_hand, args)
end
