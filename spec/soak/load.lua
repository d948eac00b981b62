-- Read by wrk, started at the top of the tree: all requests in turn.
-- luacheck: globals wrk init request, ignore 131

local requests = require "spec.soak.requests"

local texts, turn = {}, 0

function init()
  for i, each in ipairs(requests) do
    texts[i] = wrk.format(each.method, each.path, each.headers, each.body)
  end
end

function request()
  turn = turn % #texts + 1
  return texts[turn]
end
