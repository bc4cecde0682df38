-- release: let go of a hold before its time.
--
-- args     id, why
-- refuses  unknown_hold
-- Cost O(log n).

verbs.release = function(args, command)
  let_go()
  local hold = row_of(HOLDS, args.id)
  if not hold then return refusal('unknown_hold') end

  end_hold(command, 'stock.released', hold, 'released', args.why)
end
