-- Operations of r2.sigv4. The credential is the parent's own key pair, so that the failing
-- allocator knows its secret.
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local spec = require "spec.memory.operations"

local sigv4 = require "r2.sigv4"

local NOW, ABSENT = make.NOW, make.ABSENT
local operation, refused, same = spec.operation, spec.refused, spec.same

local URL = "https://s3.example.com/my-bucket/a%20b.txt"

local function credentials(changes)
  return make.changed({
    access_key_id = keys.parent_access_key_id,
    secret_access_key = keys.parent_secret_access_key,
    session_token = ("QUJD"):rep(200),
    expires_at = NOW + 900,
    bucket = "my-bucket",
    endpoint = "https://s3.example.com",
  }, changes)
end

local function request(changes)
  return make.changed({
    method = "PUT", url = URL, headers = { ["X-B"] = " 1  2 ", ["x-a"] = "3" },
  }, changes)
end

local function options(changes)
  return make.changed({ now = NOW }, changes)
end

-- More than the buffers hold at first, and more than they keep.
local function long_query(length)
  return URL .. "?a=" .. ("%C3%A9"):rep(length / 6) .. "&b&a=1"
end

local REQUESTS = {
  ["without headers"] = { request { headers = ABSENT } },
  ["with headers and a query"] = { request { url = URL .. "?b=2&a=1&a=%2B" } },
  ["with a long query"] = { request { url = long_query(12000) } },
  ["with a long token"] = { request(), credentials { session_token = ("QUJD"):rep(50000) } },
  ["with a token that says its end"] = {
    request(), credentials { session_token = spec.token(), expires_at = ABSENT },
  },
  ["with a permanent key"] = {
    request(), credentials { session_token = ABSENT, expires_at = ABSENT },
  },
  ["elsewhere"] = { request(), credentials(), options { region = "weur", service = "s3" } },
}

local WRONG = {
  method = { request { method = "put" } },
  url = { request { url = long_query(6000) .. "&X-Amz-Date=1" } },
  headers = { request { headers = { a = "1", A = "2" } } },
  body = { request { body = "" } },
  access_key_id = { request(), credentials { access_key_id = "a/b" } },
  secret_access_key = { request(), credentials { secret_access_key = ("s"):rep(257) } },
  session_token = { request(), credentials { session_token = " " } },
  region = { request(), credentials(), options { region = "" } },
}

-- What each call must make, made beforehand in another state of the module.
local function expected(call, arguments)
  local module = package.loaded["r2.sigv4"]
  package.loaded["r2.sigv4"] = nil
  local result = assert(require("r2.sigv4")[call](arguments[1], arguments[2], arguments[3]))
  package.loaded["r2.sigv4"] = module
  return result
end

local function same_headers(result, wanted)
  for name, value in pairs(wanted) do
    assert(result[name] == value, name)
  end
  for name in pairs(result) do
    assert(wanted[name], name)
  end
end

local function with_defaults(arguments)
  return { arguments[1], arguments[2] or credentials(), arguments[3] or options() }
end

for _, name in ipairs { "sign", "presign" } do
  -- The module's own function, with the memory of the calls before this one.
  local function run(arguments)
    return sigv4[name](arguments[1], arguments[2], arguments[3])
  end

  for what, arguments in pairs(REQUESTS) do
    arguments = with_defaults(arguments)
    operation(("sigv4.%s %s"):format(name, what), function()
      return arguments
    end, run, function(result, message)
      assert(result, message)
      local wanted = expected(name, arguments)
      if name == "sign" then
        same_headers(result, wanted)
      else
        assert(result == wanted)
      end
      return result
    end)
  end

  for field, arguments in pairs(WRONG) do
    arguments = with_defaults(arguments)
    operation(("sigv4.%s with a wrong %s"):format(name, field), function()
      return arguments
    end, run, refused("invalid_request", field))
  end

  operation(("sigv4.%s with what has expired"):format(name), function()
    return { request(), credentials { expires_at = NOW }, options() }
  end, run, refused("expired", "expires_at"))
end

operation("sigv4.presign for too long", function()
  return request(), credentials(), options { expires_seconds = 901 }
end, sigv4.presign, refused("expired", "expires_seconds"))

operation("sigv4.url", function()
  return "https://s3.example.com", "my-bucket", ("é/ "):rep(200),
    { b = { "2", 1 }, a = "", ["ü"] = ("ü"):rep(500) }
end, sigv4.url, function(url, message)
  assert(url, message)
  assert(url:find("?%C3%BC=%C3%BC", 1, true) and url:find("&a=&b=1&b=2$"))
  return url
end)

operation("sigv4.url with a wrong query", function()
  return "https://s3.example.com", "my-bucket", "k", { a = ("b"):rep(5000), [""] = "c" }
end, sigv4.url, refused("invalid_request", "query"))

operation("sigv4.hash", function()
  return "hello"
end, sigv4.hash, function(hex)
  assert(hex == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824")
  return hex
end)

operation("require 'r2.sigv4'", function()
  spec.forget "r2.sigv4"
  return "r2.sigv4"
end, require, function(module)
  return assert(module.presign(request(), credentials(), options()))
end)

operation("sigv4: a collection", function()
  collectgarbage("stop")
  assert(expected("sign", with_defaults(REQUESTS["with a long token"])))
end, function()
  if spec.may_collect then
    collectgarbage()
    collectgarbage()
  end
end, same)

return spec
