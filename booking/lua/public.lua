-- public: what everybody may see of a ticket's row: no phone's hash. Shared by announce and load.

local function public(row)
  return {
    id = row.id, number = row.number, service = row.service, class = row.class, state = row.state, turn = row.turn,
    claimed = row.claimed, bound = row.bound, remaining = row.remaining, counter = row.counter,
    created_at = row.created_at, called_at = row.called_at, started_at = row.started_at, ended_at = row.ended_at,
    calls = row.calls, day = row.day, version = row.version,
  }
end

-- The summary's field that counts a waiting ticket.
local function waiting_field(row)
  return (row.bound and 'bound:' or 'waiting:') .. row.service .. ':' .. row.class
end
