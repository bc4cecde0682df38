-- prelude: what every deciding script shares: identity, epoch, operation ids, the journal.
--
-- KEYS[1]  meta        hash: epoch, server, version, committed, and the package's own
-- KEYS[2]  ops         zset: operation id by ms; trimmed after 24 h
-- KEYS[3]  refused     hash: operation id -> {at, body, refusal}
-- KEYS[4]  refused_until  zset: the same ids by the ms after which both are trimmed
-- KEYS[5]  journal     stream of entries, id <version>-0; trimmed once announced
-- ARGV[1]  head: {epoch, committed, seen (the caller has all entries up to it), now (ms)} and the package's own
-- ARGV[2…] commands: {op, verb, body, actor, received (ms), args}
-- returns  {'STALE', server} or {'OK', version, server, outcomes, entry…}, JSON inside
--
-- Atomic. Safe to lose: the tag is rebuilt from SQL. A verb checks everything before its first write, since Redis rolls
-- nothing back. Verbs are functions in `verbs`: verbs.name(args, command) returns nil, or a refusal {code, details}.
-- Only those that the batch has `asked` for are made.

local META, OPS, REFUSED, REFUSED_UNTIL, JOURNAL = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local DAY_MS, REFUSAL_MS = 86400000, 600000

local head = cjson.decode(ARGV[1])
local meta = {}
local verbs = {}
local changed = {} -- Fields of meta that the batch has changed, written once at its end.
local commands, asked = {}, {}
for n = 2, #ARGV do
  commands[n - 1] = cjson.decode(ARGV[n])
  asked[commands[n - 1].verb] = true
end

local function identity()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local replid = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  return run .. '/' .. replid
end

local function read_meta()
  local flat = redis.call('HGETALL', META)
  for n = 1, #flat, 2 do meta[flat[n]] = flat[n + 1] end
end

local function note(field, value)
  meta[field], changed[field] = value, value
end

local function write_meta()
  local flat = {}
  for field, value in pairs(changed) do
    flat[#flat + 1], flat[#flat + 2] = field, value
  end
  if #flat > 0 then redis.call('HSET', META, unpack(flat)) end
end

local function refusal(code, details)
  return { code = code, details = details }
end

-- Nothing had to be done, which the caller hears as a success ("nobody waits", "it is open already").
local function nothing(code)
  return { code = code, success = true }
end

-- Append one change: its version is the tag's next. `change` carries name, rows and what the audit wants to know.
local function record(command, ordinal, change)
  note('version', tonumber(meta.version) + 1)
  change.op, change.ordinal, change.body, change.actor = command.op, ordinal, command.body, command.actor
  change.epoch, change.version, change.at = tonumber(meta.epoch), meta.version, head.now
  redis.call('XADD', JOURNAL, meta.version .. '-0', 'entry', cjson.encode(change))
  redis.call('ZADD', OPS, head.now, command.op)
end

local function remember(command, why)
  local old = redis.call('ZRANGEBYSCORE', REFUSED_UNTIL, '-inf', head.now, 'LIMIT', 0, 20)
  for _, op in ipairs(old) do
    redis.call('ZREM', REFUSED_UNTIL, op)
    redis.call('HDEL', REFUSED, op)
  end
  redis.call('HSET', REFUSED, command.op, cjson.encode({ at = head.now, body = command.body, refusal = why }))
  redis.call('ZADD', REFUSED_UNTIL, head.now + (why.success and DAY_MS or REFUSAL_MS), command.op)
end

-- The outcome of one command. An attempt that was received no later than its operation was refused gets that refusal
-- again: within one millisecond nobody can have repeated what was answered, but a proxy can have sent it twice. What
-- was answered as a success is given again in any case, as other successes are, and to the same request only.
local function judge(command)
  if redis.call('ZSCORE', OPS, command.op) then return { known = true } end
  local before = redis.call('HGET', REFUSED, command.op)
  if before then
    before = cjson.decode(before)
    if before.refusal.success and before.body ~= command.body then
      return { refused = refusal('idempotency_key_reused') }
    end
    if before.refusal.success or command.received <= before.at then return { refused = before.refusal } end
  end
  local ran, why = pcall(verbs[command.verb], command.args, command)
  if not ran then
    return { failed = command.verb .. ': ' .. (type(why) == 'table' and why.err or tostring(why)) }
  end
  if why then
    remember(command, why)
    return { refused = why }
  end
  return { known = false }
end

-- Everything in the journal that nobody reported as committed and the caller has not got.
local function uncommitted()
  local committed = math.max(tonumber(meta.committed), head.committed)
  note('committed', committed)
  local entries = {}
  local first = math.max(committed, head.seen) + 1
  for _, item in ipairs(redis.call('XRANGE', JOURNAL, first .. '-0', '+')) do
    entries[#entries + 1] = item[2][2]
  end
  return entries
end

-- `prepare` is the package's own check before the batch: nil, or what the script returns at once.
local function run(prepare)
  local server = identity()
  read_meta()
  if not meta.epoch or meta.server ~= server or tonumber(meta.epoch) ~= head.epoch then
    return { 'STALE', server }
  end
  local early = prepare()
  if early then return early end
  -- The first write takes no room: after it Redis refuses a script nothing, however full it is, and the line goes on.
  redis.call('ZREMRANGEBYSCORE', OPS, '-inf', head.now - DAY_MS)
  local outcomes = {}
  for n, command in ipairs(commands) do outcomes[n] = judge(command) end
  local answer = { 'OK', tonumber(meta.version), server, #outcomes > 0 and cjson.encode(outcomes) or '[]' }
  for _, entry in ipairs(uncommitted()) do answer[#answer + 1] = entry end
  write_meta()
  return answer
end
