-- configure: the hall's configuration has a new revision; whoever watches it looks again.
--
-- args     rev, part (of the hall's document that was changed)
-- Cost O(1). `prepare` has taken over the revision.

verbs.configure = function(args, command)
  record(command, 0, { name = 'hall.changed', rows = {}, facts = { rev = args.rev, part = args.part } })
end
