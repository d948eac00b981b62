-- Every public function as operations, which failing_allocator.c runs while memory runs out: what
-- their lists share. A file of spec/memory/operations/ has those of one topic and returns this.
-- An operation: prepare() hands back the arguments of run(…), which is what memory runs out in;
-- finish(…) gets run's results, with memory again, and asserts that they are right. What finish
-- hands back must be the same each time.
-- gave_up(…), where there is one, gets the same: whether they are an error that says, as data, that
-- memory ran out below Lua.
local keys = require "spec.support.keys"
local make = require "spec.support.make"

local tc = require "r2.temp_credentials"

-- Whoever runs them sets server_url: that of spec/support/fault_server.lua.
local spec = { operations = {}, keys = keys }

-- ---- operations ----

local function write(value, out)
  if type(value) == "table" then
    local names = {}
    for name in pairs(value) do
      names[#names + 1] = tostring(name)
    end
    table.sort(names)
    for _, name in ipairs(names) do
      out[#out + 1] = name .. "="
      local field = value[name]
      write(field == nil and value[tonumber(name)] or field, out)
    end
  elseif type(value) == "function" then
    out[#out + 1] = "function"
  else
    out[#out + 1] = tostring(value)
  end
end

-- The results that finish hands back, as text.
local function as_text(finish)
  return function(...)
    local out = {}
    for _, value in ipairs { finish(...) } do
      write(value, out)
    end
    return table.concat(out, "\n")
  end
end

function spec.operation(name, prepare, run, finish)
  assert(not spec.operations[name], name)
  spec.operations[name] = { prepare = prepare, run = run, finish = as_text(finish) }
end

-- libcurl and r2.http tell of memory that runs out during an exchange like of any other end of it.
local function ended_early(result, message, err)
  return result == nil and err.message == message
    and (err.kind == "network" or err.kind == "bad_response")
    and not message:find(keys.api_token, 1, true)
end

-- An operation that ends so where memory runs out below Lua.
function spec.exchange(name, prepare, run, finish)
  spec.operation(name, prepare, run, finish)
  spec.operations[name].gave_up = ended_early
end

-- The URL at which the server shows a fault.
function spec.url(fault)
  return ("%s/%s/run"):format(spec.server_url, fault)
end

-- ---- what results must be ----

function spec.list_is(list, wanted)
  assert(#(list or {}) == #(wanted or {}))
  for i, item in ipairs(wanted or {}) do
    assert(list[i] == item)
  end
end

-- A locally signed credential says what its request says.
function spec.signed(request, parent)
  return function(credentials, message)
    assert(credentials, message)
    local claims = assert(tc.inspect(credentials.session_token))
    local paths = claims.paths or {}
    assert(claims.bucket == request.bucket and credentials.bucket == request.bucket)
    assert(claims.scope == request.permission or #claims.actions > 0)
    assert(claims.exp - claims.iat == request.ttl_seconds)
    assert(credentials.expires_at == claims.exp)
    assert(claims.iss == (parent or keys.parent_access_key_id))
    assert(claims.sub == keys.account_id)
    spec.list_is(paths.prefixPaths, request.prefixes)
    spec.list_is(paths.objectPaths, request.objects)
    return credentials, tostring(credentials)
  end
end

function spec.refused(kind, field)
  return function(result, message, err)
    assert(result == nil, "it was not refused")
    assert(err.kind == kind and err.field == field and err.message == message, message)
    return message, err
  end
end

-- ---- what they are made of ----

function spec.same(...)
  return ...
end

function spec.forget(...)
  for _, name in ipairs { ... } do
    package.loaded[name] = nil
  end
end

-- Lua 5.2 makes its stack smaller before it calls a finalizer, and forgets an object when it then
-- has no memory for the call.
spec.may_collect = _VERSION ~= "Lua 5.2"

-- A configuration with both keys.
function spec.both_keys(changes)
  return make.config(make.changed({ api_token = keys.api_token }, changes))
end

-- A client that has them, and these.
function spec.client_and(...)
  return assert(tc.new(spec.both_keys { max_token_bytes = 1048576 })), ...
end

function spec.token(changes)
  return make.client():sign(make.request(changes), make.NOW).session_token
end

--- Lua 5.1 never loads a module again whose loading ended by an error; a program may.
function spec.recover()
  for name, module in pairs(package.loaded) do
    if type(module) ~= "table" and module ~= true then
      package.loaded[name] = nil
    end
  end
end

return spec
