-- Files of r2.files as bodies of requests and of answers, over r2.http.
local cjson = require "cjson"
local faulty = require "spec.support.faulty"
local shell = require "spec.support.shell"
local files = require "r2.files"
local http = require "r2.http"

local LENGTH = 300000

describe("A file of r2.files", function()
  local server, h, folder

  setup(function()
    server = faulty.start()
    h = assert(http.new())
    folder = shell.folder()
    shell.run(("base64 -w 0 /dev/urandom | head -c %d >%s/sent"):format(LENGTH, folder))
  end)

  teardown(function()
    h:close()
    server:stop()
    shell.remove_folders()
  end)

  it("is what a request sends, and where its answer goes", function()
    local sent = assert(files.open(folder .. "/sent"))
    local got = assert(files.open(folder .. "/got", "create"))
    local response = assert(h:perform {
      method = "PUT", url = server:url("echo", server:new_run()), body = sent,
      content_length = LENGTH, output = got,
    })
    assert.equal(200, response.status)
    local answer = assert(io.open(folder .. "/got", "rb"))
    local seen = cjson.decode(answer:read("*a"))
    answer:close()
    local read = files.digest("sha256")
    read:read(sent)
    assert.equal(read:hex("sha256"), files.digest("sha256"):update(seen.body):hex("sha256"))
    assert.equal(LENGTH, #seen.body)
  end)

  it("stops an exchange with its own words", function()
    local full = assert(files.open("/dev/full", "update"))
    local response, message, err = h:perform {
      method = "GET", url = server:url("good", server:new_run()), output = full,
    }
    assert.is_nil(response)
    assert.equal("cancelled", err.kind)
    assert.is_truthy(message:find("No space left on device", 1, true), message)
  end)
end)
