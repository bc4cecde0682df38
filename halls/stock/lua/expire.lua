-- expire: let go of holds whose time has come; the clock's.
--
-- Cost O(holds that have ended). Each of them is a change of its own; the verb itself changes nothing.

verbs.expire = function()
  let_go()
  return nothing('let_go')
end
