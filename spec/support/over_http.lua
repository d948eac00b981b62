-- What the specs of r2.http share: a server that misbehaves as it is told, which is
-- spec/support/fault_server.lua, and an object that asks it.
--
--   local over = require "spec.support.over_http"
--   setup(over.start_server) teardown(over.stop_server)
--   before_each(over.open) after_each(over.close)
--   over.server, and over.h: an object of r2.http that is fresh for each spec
local cjson = require "cjson"
local collector = require "spec.support.collector"
local faulty = require "spec.support.faulty"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local http = require "r2.http"

local over = {}

function over.start_server()
  over.server = faulty.start()
end

function over.stop_server()
  over.server:stop()
end

function over.open()
  over.h = assert(http.new())
end

function over.close()
  over.h:close()
end

-- A request for a fault in a run of its own; returns the run too.
function over.request(fault, changes, path)
  local run = over.server:new_run()
  local url = over.server:url(fault, run) .. (path or "")
  return make.changed({ method = "GET", url = url }, changes), run
end

-- Performs, and returns the answer, decoded where it is an echo.
function over.get(fault, changes, path)
  local response = assert(over.h:perform((over.request(fault, changes, path))))
  return response, fault == "echo" and #response.body > 0 and cjson.decode(response.body) or nil
end

-- Performs what is refused, by default before anything is sent.
function over.refuse(kind, changes, fault, hides)
  local asked = over.request(fault or "echo", changes)
  return refused({ kind = kind, starts = false, hides = hides }, function()
    return over.h:perform(asked)
  end)
end

-- Fails unless the object can still do its work.
function over.assert_works()
  assert(over.get("good").status == 200)
end

-- A body's function that returns these pieces, one by one.
function over.pieces(list)
  local at = 0
  return function()
    at = at + 1
    return list[at]
  end
end

function over.temporary_file(content)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  assert(file:write(content))
  file:close()
  return name
end

-- What is alive, looked at every few megabytes of a long body: when Lua would collect by itself is
-- its own affair.
function over.watch_memory()
  local before = collector.bytes_in_use()
  local watch = { bytes = 0 }
  function watch:note(place)
    if place % 2 ^ 22 < 2 ^ 16 then
      self.bytes = math.max(self.bytes, collector.bytes_in_use() - before)
    end
  end
  return watch
end

return over
