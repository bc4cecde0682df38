-- extend: whoever has a hold is still about; it is kept longer, up to a cap. It may be given to a ticket, and has a
-- later cap then.
--
-- args     id, ticket?
-- refuses  unknown_hold
-- Cost O(log n).

verbs.extend = function(args, command)
  let_go()
  local hold = row_of(HOLDS, args.id)
  if not hold then return refusal('unknown_hold') end

  hold.ticket = args.ticket or hold.ticket
  local cap = hold.ticket and head.carried_cap_ms or head.hold_cap_ms
  hold.expires_at = math.max(hold.expires_at, math.min(head.now + head.hold_ms, hold.created_at + cap))
  change(command, 0, 'stock.extended', { hold = hold }, { subject = hold.id, from = 'active', to = 'active' })
end
