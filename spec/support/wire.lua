-- Runs inside nginx: what stands between a gateway and its backend, and notes each request as it
-- came. A path that has /answer-NNN/ is answered here with that status, and with a body that nobody
-- may see.
-- luacheck: std ngx_lua

local wire = {}

wire.BODY = "<Error><Code>Odd</Code><Secret>what-nobody-may-see</Secret></Error>"

local function note(text)
  local file = assert(io.open(ngx.config.prefix() .. "/wire.log", "ab"))
  assert(file:write(text, "\0"))
  file:close()
end

--- For rewrite_by_lua.
function wire.pass()
  note(ngx.req.raw_header())
  local status = tonumber(ngx.var.request_uri:match("/answer%-(%d+)"))
  if status then
    ngx.status = status
    ngx.header["X-Amz-Secret"], ngx.header["Location"] = "what-nobody-may-see", "/what-nobody"
    ngx.header["Content-Length"] = #wire.BODY
    ngx.print(wire.BODY)
    ngx.exit(200)
  end
end

return wire
