-- What every refusal looks like, checked in one place: nil, one readable line, and an error table
-- that says the same; and no key in any of it, nor in a traceback.
local plain_assert = assert
local assert = require "luassert"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"

local LONGEST_MESSAGE = 1000
local NAMES_ITS_FIELD = {
  invalid_request = true, invalid_config = true, unsupported = true, invalid_token = true,
  expired = true,
}

local function pack(...)
  return { n = select("#", ...), ... }
end

local function contains(message, piece)
  assert.is_truthy(message:find(piece, 1, true), ("%q does not say %q"):format(message, piece))
end

local function check_shape(results)
  local first, message, err = results[1], results[2], results[3]
  assert.is_nil(first)
  assert.equal(3, results.n, "a refusal is nil, message, err")
  assert.equal("string", type(message))
  assert.equal("table", type(err))
  assert.equal(message, err.message)
  assert.is_nil(message:find("%c"), "a control byte in the message")
  assert.is_nil(message:find("\194[\128-\159]"), "a control character in the message")
  assert.is_true(#message > 0 and #message <= LONGEST_MESSAGE, "message of " .. #message)
end

--- Calls and expects a refusal.
-- expected.kind    err.kind
-- expected.field   err.field: a name, or nil for none
-- expected.starts  how the message starts (default: the field's name; false: not checked)
-- expected.says    pieces that the message must hold
-- expected.hides   texts that must not be seen anywhere, besides the demonstration keys
-- Hands back err.
return function(expected, call)
  local results = pack(call())
  check_shape(results)
  local message, err = results[2], results[3]

  assert.equal(expected.kind, err.kind, message)
  assert.equal(expected.field, err.field, message)
  local starts = expected.starts
  if starts == nil and NAMES_ITS_FIELD[expected.kind] then
    starts = err.field
  end
  if starts then
    assert.equal(starts, message:sub(1, #starts))
  end
  for _, piece in ipairs(expected.says or {}) do
    contains(message, piece)
  end

  local _, trace = xpcall(function()
    return plain_assert(call())
  end, debug.traceback)
  local secrets = { keys.parent_secret_access_key, keys.api_token }
  for _, text in ipairs(expected.hides or {}) do
    secrets[#secrets + 1] = text
  end
  leaks.assert_none(secrets, { err, message, tostring(err), trace })
  return err
end
