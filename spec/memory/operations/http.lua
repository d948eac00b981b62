-- Operations of r2.http.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local spec = require "spec.memory.operations"

local operation, exchange, url, refused = spec.operation, spec.exchange, spec.url, spec.refused

local function get(fault, changes)
  return make.changed({ method = "GET", url = url(fault), timeout_seconds = 20 }, changes)
end

local function post(changes)
  return get("echo", make.changed({
    method = "POST",
    headers = { authorization = "Bearer " .. keys.api_token, ["x-number"] = "1" },
    body = "all of it",
  }, changes))
end

local function http_and(...)
  return assert(require "r2.http".new()), ...
end

local function perform(h, request)
  return h:perform(request)
end

local function answered(status, body)
  return function(response, message)
    assert(response, message)
    assert(response.status == status and response.body == body, response.body)
    return response
  end
end

-- What "echo" answers, in whatever order it comes.
local function echoed(wanted)
  return function(response, pieces)
    assert(response, pieces)
    local seen = require "cjson".decode(response.body or table.concat(pieces))
    for name, value in pairs(wanted) do
      assert(seen[name] == value, name)
    end
    assert(seen.headers.authorization == "Bearer " .. keys.api_token)
    return seen.body
  end
end

-- Hands back what a function raised, or returned; want of memory it raises again.
local function settled(ok, problem, ...)
  if not ok and tostring(problem):find("memory", 1, true) then
    error(problem, 0)
  end
  return problem, ...
end

operation("require 'r2.http'", function()
  spec.forget "r2.http"
  return "r2.http"
end, require, function(http)
  assert(http.new()):close()
end)

for name, options in pairs {
  ["no options"] = {},
  ["all options"] = {
    ca_file = "ca.pem", timeout_seconds = 1, connect_timeout_seconds = 1,
    max_header_bytes = 100, max_body_bytes = 100,
  },
} do
  operation("http.new with " .. name, function()
    return require "r2.http", options
  end, function(http, wanted)
    return http.new(wanted)
  end, function(h, message)
    assert(h, message)
    h:close()
  end)
end

operation("http.new with a wrong ca_file", function()
  return require "r2.http", { ca_file = "" }
end, function(http, options)
  return http.new(options)
end, refused("invalid_config", "ca_file"))

for field, changes in pairs {
  url = { url = "http://example.com/" },
  headers = { headers = { authorization = "Bearer " .. keys.api_token, x = "\n" } },
  body = { body = 1 },
} do
  operation("http:perform with a wrong " .. field, function()
    return http_and(post(changes))
  end, perform, refused("invalid_request", field))
end

exchange("http:perform", function()
  return http_and(get "interim")
end, perform, answered(200, "ok"))

exchange("http:perform for headers of every form", function()
  return http_and(get "headers")
end, perform, answered(200, "ok"))

exchange("http:perform with a body", function()
  return http_and(post())
end, perform, echoed { method = "POST", body = "all of it" })

exchange("http:perform of what goes out once", function()
  return http_and(post { once = true, silence_seconds = 20 })
end, perform, echoed { method = "POST", body = "all of it" })

exchange("http:perform of a compressed answer", function()
  return http_and(get("packed-credential", { compressed = true }))
end, perform, function(response, message)
  assert(response, message)
  assert(response.body:find("sessionToken", 1, true))
end)

-- Each call has a request of its own: what a failed one has left under way goes on beside it
-- until it is collected.
local function perform_new(h, make_request)
  local request, pieces = make_request()
  local response, message, err = h:perform(request)
  return response, response and pieces or message, err
end

exchange("http:perform with functions", function()
  return http_and(function()
    local parts, at, pieces = { "one, ", "two, ", "three" }, 0, {}
    return post {
      method = "PUT", content_length = 15,
      body = function()
        at = at + 1
        return parts[at]
      end,
      output = function(piece)
        pieces[#pieces + 1] = piece
      end,
      progress = function() end,
    }, pieces
  end)
end, perform_new, echoed { method = "PUT", body = "one, two, three" })

exchange("http:perform with objects, in chunks", function()
  return http_and(function()
    local source, sink = { left = 2 }, {}
    function source:read()
      self.left = self.left - 1
      return self.left >= 0 and ("x"):rep(3000) or nil
    end
    function sink:write(piece)
      self[#self + 1] = piece
      return self
    end
    return post { body = source, output = sink }, sink
  end)
end, perform_new, echoed { body = ("x"):rep(6000) })

exchange("http:perform with a function that raises", function()
  return http_and(get("good", { output = function() error("no more", 0) end }))
end, function(h, request)
  return settled(pcall(h.perform, h, request))
end, function(problem)
  assert(problem == "no more", problem)
  return problem
end)

exchange("http:perform with a function that stops", function()
  return http_and(get("good", { output = function() return nil, "disk full" end }))
end, perform, refused("cancelled"))

exchange("http:perform, closed instead of an answer", function()
  return http_and(get "closed")
end, perform, refused("network"))

exchange("http:perform, an answer that is too long", function()
  return assert(require "r2.http".new { max_body_bytes = 4096 }), get "big-error"
end, perform, refused("bad_response"))

local function both(h, first, second)
  local one, message, err = h:start(first)
  if not one then
    return nil, message, err
  end
  local two
  two, message, err = h:start(second)
  if not two then
    return nil, message, err
  end
  assert(two:timeout() <= 1)
  one:poll()
  one, message, err = one:wait()
  if not one then
    return nil, message, err
  end
  two, message, err = two:wait()
  return two and one, two or message, err
end

exchange("two exchanges at once", function()
  return require "r2.http", post(), get "error"
end, function(http, first, second)
  local h = http.new()
  local one, two, err = both(h, first, second)
  h:close()
  return one, two, err
end, function(one, two)
  return echoed { body = "all of it" } (one), answered(404, "no such thing")(two)
end)

exchange("an exchange that is cancelled", function()
  return http_and(get "held")
end, function(h, request)
  local x = h:start(request)
  x:poll()
  x:poll()
  x:cancel()
  return x:poll()
end, refused("cancelled"))

exchange("an exchange that is closed", function()
  return require "r2.http", get "held"
end, function(http, request)
  local h = http.new()
  local x = h:start(request)
  x:poll()
  h:close()
  return x:poll()
end, refused("cancelled"))

if spec.may_collect then
  exchange("an exchange that is collected", function()
    return http_and(get "held", get "bare-lines")
  end, function(h, held, request)
    h:start(held):poll()
    collectgarbage()
    return h:perform(request)
  end, answered(200, "ok"))
end

return spec
