-- What Cloudflare's API says is shown, but never our own keys, nor what a terminal or a log could
-- trip on.
local cjson = require "cjson"
local answers = require "spec.support.api_answers"
local keys = require "spec.support.keys"
local leaks = require "spec.support.leaks"
local make = require "spec.support.make"
local refused = require "spec.support.refused"

local NOW = make.NOW
local envelope, failure = answers.envelope, answers.failure
local respond, refuse = answers.respond, answers.refuse

describe("A text of the service", function()
  -- The fields where a service can put text.
  local function everywhere(text)
    return failure({
      {
        code = 10001, message = text, documentation_url = text, source = { pointer = text },
        [text] = text,
      },
      { code = 10002, message = text, error_chain = { { code = 1, message = text } } },
    })
  end

  it("that echoes the API token comes out without it", function()
    for _, text in ipairs {
      keys.api_token,
      "Invalid token " .. keys.api_token,
      "Authorization: Bearer " .. keys.api_token .. " was refused",
      keys.api_token .. keys.api_token,
      keys.api_token:sub(1, 5) .. keys.api_token,
    } do
      for _, status in ipairs { 200, 400, 401, 429, 500 } do
        local kind = status == 200 and "bad_response" or status == 429 and "rate_limited"
          or "api"
        refuse(kind, { status = status, body = everywhere(text) })
      end
    end
  end)

  it("that echoes a token of several words comes out without it, wherever it stands", function()
    local api_token = "a.token!of:many.short(words)that/opens+no.thing"
    local other = make.api_client { api_token = api_token }
    for _, before in ipairs {
      "", " ", "Bearer ", "Bearer_", ("x"):rep(39), ("x"):rep(40), ("x"):rep(100), "a.token!",
      ("a."):rep(30), "\195\169", "\255",
    } do
      for _, after in ipairs { "", "x", ("x"):rep(100), api_token } do
        local text = before .. api_token .. after
        local err = select(3, other:response(400, {}, cjson.encode(everywhere(text)), NOW,
          make.request()))
        leaks.assert_none({ api_token }, err)
      end
    end
  end)

  it("that echoes 12 or more characters of the token comes out without them", function()
    local api_token = keys.api_token
    for length = 12, #api_token do
      for from = 1, #api_token - length + 1 do
        local piece = api_token:sub(from, from + length - 1)
        for _, text in ipairs { piece, "it was " .. piece .. "...", "x" .. piece .. "x" } do
          local _, message, err = respond { status = 400, body = everywhere(text) }
          local first, second = err.errors[1].message, err.errors[2].message
          for _, shown in ipairs { message, first, second } do
            for at = 1, length - 11 do
              assert.is_nil(shown:find(piece:sub(at, at + 11), 1, true), shown)
            end
            assert.is_truthy(shown:find("[redacted]", 1, true), shown)
          end
        end
      end
    end
  end)

  it("that echoes pieces of the token one behind the other comes out without them", function()
    local api_token = keys.api_token
    local pieces = api_token:sub(1, 12) .. api_token:sub(5, 20) .. api_token:sub(-12)
      .. ("x"):rep(40) .. api_token:sub(3, 17)
    local err = refuse("api", { status = 400, body = everywhere(pieces) })
    for at = 1, #api_token - 11 do
      leaks.assert_none({ api_token:sub(at, at + 11) }, err)
    end
  end)

  it("that echoes a piece of the token behind what looks like a key hides both", function()
    local other = make.api_client { api_token = "a.token!of:many.short(words)" }
    local text = ("x"):rep(40) .. "ken!of:many."
    local err = select(3, other:response(400, {}, cjson.encode(everywhere(text)), NOW,
      make.request()))
    assert.equal("[redacted][redacted]", err.errors[1].message)
  end)

  it("keeps its ids of 32 hex characters", function()
    local ids = "account " .. keys.account_id .. ", key " .. keys.parent_access_key_id
      .. ", (" .. ("0123456789abcdef"):rep(2) .. ")"
    local _, message, err = respond { status = 400, body = everywhere(ids) }
    assert.equal(ids, err.errors[1].message)
    assert.is_truthy(message:find(ids, 1, true))
  end)

  it("hides whatever is longer and looks like a key", function()
    for _, key in ipairs {
      ("0123456789abcdef"):rep(4), ("aB3_-"):rep(8), ("f"):rep(33), ("aB3=_-"):rep(100),
    } do
      local err = refuse("api", { status = 400, body = everywhere("key " .. key .. ".") })
      assert.equal("key [redacted].", err.errors[1].message)
    end
  end)

  it("that echoes the token in JSON's escapes comes out without it", function()
    local escaped = keys.api_token:gsub(".", function(character)
      return ("\\u%04x"):format(character:byte())
    end)
    refuse("api", {
      status = 400,
      body = '{"success":false,"errors":[{"code":1,"message":"' .. escaped .. '"}]}',
    })
  end)

  it("that is no JSON and echoes the token comes out without it", function()
    refuse("api", { status = 400, body = "Bearer " .. keys.api_token })
    refuse("bad_response", { body = "Bearer " .. keys.api_token })
    refuse("bad_response", { body = envelope { result = keys.api_token } })
  end)

  it("that echoes the parent's secret comes out without it", function()
    local both = make.api_client {
      parent_secret_access_key = keys.parent_secret_access_key,
    }
    refused({ kind = "api", starts = false }, function()
      return both:response(400, {}, cjson.encode(everywhere(
        "The secret is " .. keys.parent_secret_access_key)), NOW, make.request())
    end)
  end)

  it("is cleared of the token before it is cut, wherever the cut falls", function()
    for length = 0, 1100 do
      local text = ("x "):rep(length):sub(-length) .. keys.api_token
      local err = select(3, respond {
        status = 400, body = failure({ { code = 1, message = text } }),
      })
      leaks.assert_none({ keys.api_token }, err)
    end
  end)

  it("is cleared of control bytes", function()
    local err = refuse("api", {
      status = 400, body = everywhere("Bad\r\nthing \27[31m\0\1\127 happened"),
    }, { "Bad", "happened" })
    for _, text in ipairs(leaks.texts(err.errors)) do
      assert.is_nil(text:find("%c"))
    end
  end)

  -- U+0080 to U+009F: U+009B, for one, begins a terminal's escape sequence.
  it("is cleared of the control characters of Latin-1", function()
    for byte = 128, 159 do
      local control = "\194" .. string.char(byte)
      local _, message, err = respond {
        status = 400, body = everywhere(control .. "a" .. control .. "[31m" .. control),
      }
      assert.equal(" a [31m ", err.errors[1].message)
      assert.is_truthy(message:find(" a [31m ", 1, true))
      assert.is_nil(message:find("\194", 1, true))
    end
  end)

  it("keeps the characters next to those", function()
    local text = "\194\160\194\191\195\128\195\159\196\128"
    local err = refuse("api", { status = 400, body = everywhere(text) })
    assert.equal(text, err.errors[1].message)
  end)

  it("that is not UTF-8 is cleared of what is not ASCII", function()
    local err = refuse("api", {
      status = 400,
      body = failure({ { code = 1, message = "\255caf\195\169 \194\155[31m" } }),
    })
    assert.equal("?caf??  [31m", err.errors[1].message)
  end)

  it("is bounded", function()
    local long = ("long text "):rep(100000)
    local many = {}
    for i = 1, 10000 do
      many[i] = { code = i, message = "error number " .. i }
    end
    for _, body in ipairs { everywhere(long), failure(many), long } do
      local err = refuse("api", { status = 400, body = body })
      local bytes = 0
      for _, text in ipairs(leaks.texts(err)) do
        bytes = bytes + #text
      end
      assert.is_true(bytes < 65536, bytes .. " bytes in the error")
    end
  end)

  -- Ten texts of the longest are more than the buffer that cleans them starts with.
  it("is shown whole in the message, however many others there are", function()
    local errors = {}
    for i = 1, 10 do
      errors[i] = { code = 10000 + i, message = (("error %02d, "):format(i)):rep(24) }
      assert.equal(240, #errors[i].message)
    end
    local err = refuse("api", { status = 400, body = failure(errors) }, { errors[1].message })
    for i = 1, 10 do
      assert.equal(errors[i].message, err.errors[i].message)
    end
  end)

  it("is cut behind 240 bytes, between two characters", function()
    for before = 236, 241 do
      local text = ("x "):rep(120):sub(1, before) .. "\226\130\172\226\130\172"
      local err = refuse("api", { status = 400, body = everywhere(text) })
      local shown = err.errors[1].message
      local characters = before >= 240 and 0 or math.floor((240 - before) / 3)
      assert.equal(text:sub(1, math.min(before, 240) + 3 * characters), shown)
    end
  end)

  it("may hold letters that are not ASCII", function()
    local err = refuse("api", {
      status = 400, body = failure({ { code = 1, message = "Ung\195\188ltig" } }),
    })
    assert.equal("Ung\195\188ltig", err.errors[1].message)
  end)
end)
