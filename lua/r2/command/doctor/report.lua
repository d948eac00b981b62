-- What doctor has found: a line for each check, as soon as it is known.

local json = require "r2.json"
local text = require "r2.command.text"

local report = {}

local Report = {}
Report.__index = Report

--- @tparam boolean as_json
-- @tparam function write what takes a line
function report.new(as_json, write)
  return setmetatable({ as_json = as_json, write = write, lines = {} }, Report)
end

local function add(self, state, name, found, todo)
  local line = { state = state, name = name, found = text.plain(found), todo = todo }
  self.lines[#self.lines + 1] = line
  if self.as_json then
    self.write(json.object {
      { "check", name }, { "state", state }, { "found", line.found }, { "todo", todo },
    } .. "\n")
  else
    self.write(("%-9s %s: %s%s\n"):format(state, name, line.found, todo and "; " .. todo or ""))
  end
end

function Report:ok(name, found)
  add(self, "ok", name, found)
end

--- @tparam string todo what to do about it
-- @tparam ?boolean outside whether it is no fault of what was set up here
function Report:wrong(name, found, todo, outside)
  add(self, "wrong", name, found, todo)
  self.is_wrong = true
  self.is_outside = self.is_outside == nil and outside == true or self.is_outside and outside
end

function Report:unknown(name, found, todo)
  add(self, "not known", name, found, todo)
end

return report
