-- receive: some have come: from a supplier, from another place, or back from a customer.
--
-- args     sku, quantity, kind (received, transferred, returned), reason?, other? (the place they were sent from),
--          pair? (the movement that sent them), subject? (the allocation that came back), serials?
-- refuses  serial_taken
-- Cost O(serials).

verbs.receive = function(args, command)
  local why = here_already(args.sku, args.serials)
  if why then return why end

  local ordinal = come(command, args.sku, args.serials)
  move(command, ordinal, args.kind, level_of(args.sku), args.quantity, args)
end
