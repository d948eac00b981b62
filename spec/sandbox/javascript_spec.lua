-- Clients in JavaScript against the sandbox's S3 side, with credentials from both modes: the AWS
-- SDK, its uploader and presigner, and aws4fetch. What is allowed succeeds; what is not, a secret
-- that is altered, a token that is altered, get each the code that R2 answers with.

local cjson = require "cjson"
local server = require "spec.support.server"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"
local tools = require "spec.project.tools"
local r2 = require "r2"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end
if not tools.HAS.node then
  pending("Node, or what the specs take from npm, is not here")
  return
end

local SIZE, LARGE = 100000, 11 * 2 ^ 20 + 1 -- bytes; the uploader makes three parts of the latter

-- client -> what it can do, and how large what it puts is.
local CLIENTS = {
  sdk = { put = true, get = true, size = SIZE },
  uploader = { put = true, size = LARGE },
  presigner = { put = true, get = true, size = SIZE },
  aws4fetch = { put = true, get = true, size = SIZE },
}

-- For each mode: what may write, and what may be asked for beside that.
local MODES = {
  ["local"] = { write = r2.permission.OBJECT_WRITE_ONLY, writer_reads = false },
  api = { write = r2.permission.OBJECT_READ_WRITE, writer_reads = true },
}

local sandbox

setup(function()
  sandbox = r2creds.sandbox()
end)

teardown(server.stop_all)
teardown(support.remove_folders)

-- Another character in the place of the one at an index.
local function altered(text, index)
  local other = text:sub(index, index) == "a" and "b" or "a"
  return text:sub(1, index - 1) .. other .. text:sub(index + 1)
end

local function credentials_of(mode)
  local variables = r2creds.sandbox_variables(sandbox)
  local issuer = assert(r2.new {
    mode = mode, account_id = variables.CLOUDFLARE_ACCOUNT_ID,
    parent_access_key_id = variables.R2_ACCESS_KEY_ID,
    parent_secret_access_key = variables.R2_SECRET_ACCESS_KEY,
    api_token = variables.CLOUDFLARE_API_TOKEN,
    api_base_url = variables.CLOUDFLARE_BASE_URL, endpoint = sandbox.url,
  })
  local function create(permission)
    local made = assert(issuer:create {
      bucket = "my-bucket", permission = permission, prefixes = { "in/" }, ttl_seconds = 900,
    })
    return { access_key_id = made.access_key_id, secret_access_key = made.secret_access_key,
      session_token = made.session_token }
  end
  local all = {
    writer = create(MODES[mode].write), reader = create(r2.permission.OBJECT_READ_ONLY),
  }
  for name, field in pairs { secret = "secret_access_key", token = "session_token" } do
    all[name] = create(MODES[mode].write)
    all[name][field] = altered(all[name][field], 20)
  end
  issuer:close()
  return all
end

-- What a client does, and what is to come of it: nil for success.
local function operations_of(name, mode)
  local client, list = CLIENTS[name], {}
  local key = ("in/%s-%s"):format(mode, name)
  local function add(action, credentials, at, code)
    list[#list + 1] = { client = client[action] and name or "sdk", action = action,
      credentials = credentials, key = at, size = client.size, code = code }
  end
  add("put", "writer", key)
  add("get", "reader", key)
  add("put", "reader", key, "AccessDenied")
  add("put", "writer", "out/" .. name, "AccessDenied")
  add("get", "reader", "out/" .. name, "AccessDenied")
  add("get", "writer", key, not MODES[mode].writer_reads and "AccessDenied" or nil)
  add("put", "secret", key, "SignatureDoesNotMatch")
  add("put", "token", key, "InvalidArgument")
  return list
end

-- Does them all in one process.
local function run(mode, operations)
  local folder = support.folder()
  support.write(folder .. "/asked", cjson.encode { endpoint = sandbox.url, bucket = "my-bucket",
    credentials = credentials_of(mode), operations = operations })
  local node = "NODE_NO_WARNINGS=1 node spec/sdk/clients.mjs"
  return cjson.decode(support.run(("%s <%s/asked"):format(node, folder)))
end

local STATUS = { AccessDenied = 403, SignatureDoesNotMatch = 403, InvalidArgument = 400 }

for mode in pairs(MODES) do
  describe("with credentials of mode " .. mode .. ",", function()
    local operations, first, outcomes = {}, {}, nil

    for name in pairs(CLIENTS) do
      first[name] = #operations + 1
      for _, operation in ipairs(operations_of(name, mode)) do
        operations[#operations + 1] = operation
      end
    end

    setup(function()
      outcomes = run(mode, operations)
    end)

    for name, from in pairs(first) do
      it(name .. " may do what they are for, and nothing else", function()
        local sum = outcomes[from].sha256
        assert.equal(64, #(sum or ""), cjson.encode(outcomes[from]))
        for i = from, from + 7 do
          local operation, outcome = operations[i], outcomes[i]
          local said = ("%s with %s: %s"):format(operation.action, operation.credentials,
            cjson.encode(outcome))
          assert.equal(operation.code, outcome.code, said)
          assert.equal(STATUS[operation.code], outcome.status, said)
          assert.equal(not operation.code and sum or nil, outcome.sha256, said)
        end
      end)
    end
  end)
end
