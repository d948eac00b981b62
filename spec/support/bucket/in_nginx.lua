-- Runs inside nginx: a case of r2.bucket, over a transport that is named; and what the specs of
-- streams ask for.
-- luacheck: std ngx_lua

local world = require "spec.support.bucket.world"

local in_nginx = {}

local TRANSPORTS = { resty = "r2.transport.resty", cosocket = "spec.support.bucket.cosocket" }

local function new_world(arguments)
  return world.new {
    url = arguments.url, faulty_port = tonumber(arguments.faulty), about = arguments.over,
    new_transport = function()
      return assert(require(TRANSPORTS[arguments.over]).new())
    end,
  }
end

local function text_of(problem)
  return type(problem) == "table" and tostring(problem.message or problem) or tostring(problem)
end

--- ?over=TRANSPORT&topic=FILE&index=NUMBER&url=…&faulty=PORT: prints "ok", or what went wrong.
function in_nginx.run_case()
  local arguments = ngx.req.get_uri_args()
  local case = require("spec.support.bucket." .. arguments.topic)[tonumber(arguments.index)]
  local w = new_world(arguments)
  local good, problem = xpcall(case.run, function(problem)
    return text_of(problem) .. "\n" .. debug.traceback()
  end, w)
  w:close()
  ngx.print(good and "ok" or problem)
end

return in_nginx
