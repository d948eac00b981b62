-- How the S3 side answers: XML, nothing, or an error in XML. Each function sends, and hands back
-- nothing, so that `return answer.refuse(…)` ends a piece of work.
-- luacheck: std ngx_lua

local errors = require "sandbox.s3.errors"
local xml = require "sandbox.s3.xml"

local answer = {}

local function send(status, text)
  ngx.status = status
  ngx.header["content-type"] = "application/xml"
  ngx.header["content-length"] = #text
  ngx.print(text)
end

--- Refuses a request with a status of its own. R2's errors have no namespace.
function answer.refuse_with(status, code, message, details)
  ngx.var.refusal = code
  local fields = { xml.text("Code", code), xml.text("Message", message) }
  for _, detail in ipairs(details or {}) do
    fields[#fields + 1] = xml.text(detail[1], detail[2])
  end
  send(status, xml.HEAD .. xml.element("Error", fields))
end

--- Refuses the request.
-- @tparam string code of errors.lua
-- @tparam[opt] string message in place of the one there
-- @tparam[opt] table details a list of names and texts that stand in the answer too
function answer.refuse(code, message, details)
  local status, usual = unpack(errors[code])
  return answer.refuse_with(status, code, message or usual, details)
end

--- Answers with a document.
function answer.document(root, children)
  send(200, xml.document(root, children))
end

--- Answers with a document as it stands.
function answer.text(text)
  send(200, text)
end

--- Answers with a status and headers alone.
function answer.empty(status, headers)
  ngx.status = status
  for name, value in pairs(headers or {}) do
    ngx.header[name] = value
  end
  if status == 200 then
    ngx.header["content-length"] = 0
  end
  ngx.send_headers()
end

return answer
