-- public: what everybody may see of a ticket's row: no phone's hash. Shared by announce and load.

local function public(row)
  return {
    id = row.id, number = row.number, service = row.service, class = row.class, state = row.state, turn = row.turn,
    counter = row.counter, created_at = row.created_at, called_at = row.called_at, started_at = row.started_at,
    ended_at = row.ended_at, calls = row.calls, day = row.day, version = row.version,
  }
end
