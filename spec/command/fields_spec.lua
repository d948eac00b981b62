-- What r2creds mint can ask for is what a request can have: an option for each of its fields.

local papers = require "spec.project.papers"
local make = require "spec.support.make"
local mint = require "r2.command.mint"

it("Every field of a request has an option of r2creds mint", function()
  local _, message = make.client():sign { not_a_field = true }
  local known = papers.matches_in(message:match("known are: (.*)$"), "[%l_]+")
  local fields = {}
  for _, option in ipairs(mint.options) do
    fields[option.field] = true
  end
  assert.is_true(#known >= 7)
  for _, field in ipairs(known) do
    assert.is_true(fields[field], field)
  end
end)
