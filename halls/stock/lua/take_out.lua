-- take_out: some that nobody was promised leave: damaged, or sent to another place.
--
-- args     sku, quantity, kind (damaged, transferred), reason, other? (the place they are sent to), serials?
-- refuses  out_of_stock, serial_unknown
-- Cost O(serials).

verbs.take_out = function(args, command)
  let_go()
  local level = level_of(args.sku)
  if available(level) < args.quantity then return refusal('out_of_stock', { available = available(level) }) end
  local why = not_here(args.sku, args.serials)
  if why then return why end

  local ordinal = go(command, args.sku, args.serials)
  move(command, ordinal, args.kind, level, -args.quantity, args)
end
