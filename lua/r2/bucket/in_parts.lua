-- What uploads and downloads in parts share: who moves which part, and whose journal it is.

local together = require "r2.task.together"

local in_parts = {}

--- Moves the parts that are not there, `parallel` at a time, each worker one after the other.
-- @tparam table transfer `call`, `state`, `count`
-- @tparam function is_there function(number)
-- @tparam function move function(number, stopped) -> true; or nil, message, err
-- @return true, or nil, message, err
function in_parts.move(transfer, is_there, move)
  local following = 1
  return together.run(transfer.call.transport, math.min(transfer.state.parallel, transfer.count),
    function(_, stopped)
      while following <= transfer.count and not stopped() do
        local number = following
        following = number + 1
        if not is_there(number) then
          local moved, message, err = move(number, stopped)
          if not moved then
            return nil, message, err
          end
        end
      end
      return true
    end)
end

--- What a journal is about, with what is there of the bucket.
-- @tparam table transfer `state`, `key`, `part_bytes`
-- @tparam table about what is beside these
-- @treturn table about
-- @return nil, message, err as a provider says
function in_parts.facts(transfer, about)
  local state = transfer.state
  local credentials, message, err = state.source:get()
  if not credentials then
    return nil, message, err
  end
  about.endpoint = state.endpoint or credentials.endpoint
  about.bucket = state.name or credentials.bucket
  about.key, about.part_bytes = transfer.key, transfer.part_bytes
  return about
end

return in_parts
