-- What the sandbox prints: a line for each request, without its headers, its body and its query,
-- which in a presigned URL holds a whole credential.
-- luacheck: std ngx_lua

local log = {}

--- Prints the line of a request that has been answered.
function log.print()
  local words = { (ngx.var.request or ""):match("^%S* ?[^%s?]*"), ngx.status }
  for _, name in ipairs { "operation", "refusal" } do
    local word = ngx.var[name]
    if word and word ~= "" then
      words[#words + 1] = word
    end
  end
  io.stdout:write((table.concat(words, " "):gsub("[^\32-\126]", "?")), "\n")
  io.stdout:flush()
end

return log
