-- pause: stop issuing, calling or both at once, with words for everybody; or go on.
--
-- args     issuing, calling (both false: go on), message? {zh-CN, en}
-- refuses  unchanged (nothing is paused, and nothing was to be)
-- Cost O(1).

verbs.pause = function(args, command)
  local going_on = not args.issuing and not args.calling
  if going_on and not (paused('issuing') or paused('calling')) then return nothing('unchanged') end

  local row = {
    id = head.hall, issuing = args.issuing, calling = args.calling, message = args.message, since = head.now,
    actor = command.actor,
  }
  local change = { name = going_on and 'hall.resumed' or 'hall.paused', rows = { pause = row } }
  save(change)
  record(command, 0, change)
end
