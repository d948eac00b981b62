-- Answers of a handler. None is ever kept by a cache, and none says why, beyond what whoever asks
-- may know: that goes to nginx's error log.
-- luacheck: globals ngx

local json = require "r2.json"

local answer = {}

--- Answers with JSON.
function answer.send(status, body)
  ngx.status = status
  ngx.header["Content-Type"] = "application/json"
  ngx.header["Cache-Control"] = "no-store"
  ngx.header["Content-Length"] = #body
  ngx.print(body)
end

--- Refuses, in the form that AWS SDKs read of a container endpoint.
-- @tparam number status
-- @tparam string code
-- @tparam string message
function answer.refuse(status, code, message)
  answer.send(status, json.object { { "code", code }, { "message", message } } .. "\n")
end

--- Says that a credential could not be made.
function answer.failed(message)
  ngx.log(ngx.ERR, "r2.vend: ", message)
  answer.refuse(503, "ServiceUnavailable", "no credential could be made")
end

return answer
