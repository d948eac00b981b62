-- Statuses as a hostile server may send them: libcurl is generous behind what begins as "HTTP/2".
local faulty = require "spec.support.faulty"
local http = require "r2.http"

describe("A status", function()
  local server, h

  setup(function()
    server = faulty.start()
  end)

  teardown(function()
    server:stop()
  end)

  before_each(function()
    h = assert(http.new())
  end)

  after_each(function()
    h:close()
  end)

  local function ask(line)
    local bytes = line .. "\r\nContent-Length: 2\r\n\r\nok"
    return h:perform { method = "PUT", url = server:url("raw", server:new_run()), body = bytes }
  end

  for _, line in ipairs {
    "HTTP/22 200 OK", "HTTP/2 5 OK", "HTTP/2 099 OK", "HTTP/2 1000 OK", "HTTP/2 -200 OK",
  } do
    it(("that is not three digits, %q, is no answer"):format(line), function()
      local response, _, err = ask(line)
      assert.is_nil(response)
      assert.equal("bad_response", err.kind)
      assert.is_false(err.retryable)
    end)
  end

  it("of three digits is one, whatever it means", function()
    for _, status in ipairs { 200, 299, 404, 599, 600, 999 } do
      assert.equal(status, assert(ask(("HTTP/1.1 %d OK"):format(status))).status)
    end
  end)
end)
