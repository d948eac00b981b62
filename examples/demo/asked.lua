-- The second part of `make demo`: a credential that Cloudflare's API is asked for. Here the sandbox
-- plays it, which examples/demo/run starts; its address and its keys come from the environment, as
-- yours would.
local r2 = require "r2"
local keys = require "sandbox.keys"
local text = require "examples.demo.text"

local fail, show = text.fail, text.show

local ADDRESS = os.getenv("CLOUDFLARE_BASE_URL")
if not ADDRESS then
  fail("the sandbox has to run: sandbox/run lua5.4 examples/demo/asked.lua")
end

local good = {
  title = "The same, asked of Cloudflare's API",
  text = "An API token in place of the parent's secret. The request is the same.",
  make = function(issuer)
    return issuer:create {
      bucket = "my-bucket",
      permission = r2.permission.OBJECT_READ_ONLY,
      prefixes = { "reports/2026/" },
      objects = { "reports/index.html" },
      ttl_seconds = 900,
    }
  end,
}

local bad = {
  title = "Asked with a wrong token",
  text = "Nothing is raised: the answer is nil, a line to read, and a table to decide by.",
  make = function(issuer)
    return issuer:download_credentials("my-bucket", { "reports/2026/summary.pdf" })
  end,
}

local function new_issuer(api_token)
  return assert(r2.from_env { mode = "api", api_token = api_token })
end

-- R2 checks a session token so, with the parent's secret; the sandbox's is known.
local function verify(credentials)
  local verifier = assert(r2.temp_credentials.new {
    account_id = keys.account_id,
    parent_access_key_id = keys.parent_access_key_id,
    parent_secret_access_key = keys.parent_secret_access_key,
    endpoint = os.getenv("R2_ENDPOINT"),
  })
  local _, message = verifier:verify(credentials.session_token)
  if message then
    fail(message)
  end
  show("verified", { "signature, parent key, account, endpoint and times are right" }, "")
end

print(("\nNow through the API: Cloudflare's is played by `make sandbox`, on this machine, at\n%s")
  :format(ADDRESS))

text.show_use(6, good)
local issuer = new_issuer()
local now = os.time()
local credentials, message = good.make(issuer)
if not credentials then
  fail(message)
end
text.show_limits(credentials, now)
verify(credentials)
text.show_credentials(credentials, "short")
issuer:close()

text.show_use(7, bad)
issuer = new_issuer("a-token-that-nobody-has-made")
local refused, why, err = bad.make(issuer)
if refused then
  fail("the sandbox takes any token")
end
show("err.kind", { err.kind }, "")
show("err.status", { ("%d"):format(err.status) }, "")
show("err.code", { ("%d"):format(err.code) }, "")
show("err.retryable", { tostring(err.retryable) }, "")
local words = {}
for word in why:gmatch("%S+") do
  words[#words + 1] = word
end
show("message", words, " ")
issuer:close()

print("\nOne credential asked for, one refused.")
