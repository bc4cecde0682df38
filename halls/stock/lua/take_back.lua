-- take_back: what was handed over has come back; once only, since the operation's id is the allocation's.
--
-- args     allocation (its row, as SQL has it: handed over), comes (how many can be sold again here; 0: none), reason,
--          other? (the place where they come to), by (the operation of whoever takes it back), serials? (of those that come)
-- refuses  serial_taken
-- Cost O(serials).

verbs.take_back = function(args, command)
  local allocation = args.allocation
  local why = here_already(allocation.sku, args.serials)
  if why then return why end

  local ordinal = come(command, allocation.sku, args.serials)
  allocation.state, allocation.why = 'returned', args.reason
  local told = {
    subject = allocation.id, from = 'handed_over', to = 'returned', reason = args.reason, facts = { by = args.by },
    other = args.other, rows = { allocation = allocation },
  }
  move(command, ordinal, 'returned', level_of(allocation.sku), args.comes, told)
end
