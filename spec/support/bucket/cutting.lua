-- A transport over another one, which loses what a spec wants lost: a request's body is cut off, or
-- an answer does not come.
local cutting = {}

local function lost()
  local message = "HTTP: the connection was lost"
  return nil, message, { kind = "network", message = message, reason = message, retryable = true,
    sent = true }
end

local function copy_of(request)
  local copy = {}
  for name, value in pairs(request) do
    copy[name] = value
  end
  return copy
end

-- The request with a body that ends after so many bytes.
local function cut(request, bytes)
  local left, whole = bytes, request.body
  request.body = function(room)
    if left <= 0 then
      return false
    end
    local piece = whole(math.min(room, left))
    left = left - #(piece or "")
    return piece
  end
  return request
end

-- The same of an answer's body.
local function cut_answer(request, bytes)
  local left, whole = bytes, request.output
  request.output = function(piece)
    left = left - #piece
    if left < 0 then
      return false
    end
    return whole(piece)
  end
  return request
end

--- @tparam table inner a transport with start
-- @tparam function plan function(request, number) -> nil, or how this one is lost: { after = bytes
--   of its body } or { answer = true }
-- @treturn table transport
function cutting.over(inner, plan)
  local transport, count = {}, 0
  for name, value in pairs(inner) do
    transport[name] = value
  end
  transport.close = nil

  function transport.start(request)
    count = count + 1
    local loss = plan(request, count)
    if not loss then
      return inner.start(request)
    end
    request = copy_of(request)
    if loss.after then
      request = request.output and cut_answer(request, loss.after) or cut(request, loss.after)
    end
    local attempt, message, err = inner.start(request)
    if not attempt then
      return nil, message, err
    end
    local function judged(result)
      if result == false then
        return false
      end
      return lost()
    end
    return {
      poll = function() return judged((attempt:poll())) end,
      wait = function(_, seconds) return judged((attempt:wait(seconds))) end,
      cancel = function() attempt:cancel() end,
    }
  end

  function transport.perform(request)
    local attempt, message, err = transport.start(request)
    if not attempt then
      return nil, message, err
    end
    return attempt:wait()
  end

  return transport
end

return cutting
