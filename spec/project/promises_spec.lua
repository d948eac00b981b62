-- What README.md, the pages in docs/ and types/r2.lua say, compared with what the code does. Lists
-- are compared both ways: nothing is left out, nothing is made up.
local r2 = require "r2"
local tc = require "r2.temp_credentials"
local export = r2.export -- from here on it is a field of r2
local papers = require "spec.project.papers"
local support = require "spec.project.support"
local make = require "spec.support.make"
local scripted = require "spec.support.bucket.scripted"

-- Modules that r2 has once they are used.
local sigv4, http, new_bucket = r2.sigv4, r2.http, r2.bucket
assert(r2.task)
assert(r2.provider and r2.rotating and r2.vend)

local README, TYPES = papers.README, papers.TYPES
local sorted, keys_of, matches_in, without =
  papers.sorted, papers.keys_of, papers.matches_in, papers.without
local section, rows, names_in, row_of = papers.section, papers.rows, papers.names_in, papers.row_of
local class, alias, declared = papers.class, papers.alias, papers.declared

-- ---- what the code knows ----

local issuer = make.issuer()
local client = make.client { api_token = require("spec.support.keys").api_token }
local ISSUER_METHODS = debug.getmetatable(issuer).__index
local ISSUER = keys_of(ISSUER_METHODS)
local CLIENT = keys_of(debug.getmetatable(client).__index)
local BUCKET = scripted.new {
  scripted.refusal(403, "AccessDenied", { ["x-amz-request-id"] = "1" }),
}
local BUCKET_METHODS = debug.getmetatable(BUCKET).__index
local HTTP = assert(http.new())
local EXCHANGE = assert(HTTP:start { method = "GET", url = "http://127.0.0.1:1/" })

-- The fields that a call knows, out of its refusal of one that is not known.
local function known_fields(call)
  local _, message = call { not_a_field = true }
  local names = assert(message:match("known are: (.*)$"), message)
  return sorted(matches_in(names, "[%l_]+"))
end

local FIELDS = {
  configuration = known_fields(r2.new),
  client = known_fields(tc.new),
  request = known_fields(function(request)
    return issuer:create(request)
  end),
}

local FORMATS = {}
for i, format in ipairs(export.formats()) do
  FORMATS[i] = format.name
end
table.sort(FORMATS)

-- The options of each pattern.
local PATTERNS = {
  upload_credentials = function(options)
    return issuer:upload_credentials("my-bucket", options)
  end,
  client_upload_credentials = function(options)
    return issuer:client_upload_credentials("user", "my-bucket", options)
  end,
  download_credentials = function(options)
    return issuer:download_credentials("my-bucket", { "a" }, options)
  end,
  service_credentials = function(options)
    return issuer:service_credentials("my-bucket", "a/", options)
  end,
}

local function claims_of(changes)
  local credentials = assert(client:sign(make.request(changes), make.NOW))
  return assert(tc.inspect(credentials.session_token))
end

-- What the API may say went wrong, and every field that an error can have.
local _, _, ANSWERED = client:response(429,
  { ["cf-ray"] = "8f2a6c1d3b5e7a90", ["retry-after"] = "1" },
  '{"errors":[{"code":1,"message":"m"}]}', make.NOW, make.request())

local function error_fields()
  local _, _, refusal = issuer:create(make.request { prefixes = { 1 } })
  local asks = assert(r2.new(make.api_config {
    transport = {
      perform = function() return nil, "none", { kind = "network", message = "none" } end,
      sleep = function() end,
    },
  }))
  local _, _, asked = asks:create(make.request())
  local _, _, unset = r2.from_env { endpoint = "https://s3.example.com" }
  local _, _, unsent = HTTP:perform { method = "GET", url = "http://127.0.0.1:1/" }
  local _, _, denied = BUCKET:put("a", "hello")
  local _, _, unknown = scripted.new { scripted.refusal(500, "InternalError") }
    :put("a", "hello", { if_none_match = "*" })
  local _, _, undeleted = BUCKET:delete { "a", "b" }
  local all = {}
  for _, err in ipairs { refusal, ANSWERED, asked, unset, unsent, denied, unknown, undeleted } do
    all = make.changed(all, err)
  end
  return keys_of(all)
end

-- ---- the promises ----

describe("Every public name", function()
  -- The names of what is a function, or is none. Those with an underscore in front are the
  -- library's own.
  local function names_of(t, functions)
    local names = {}
    for name, value in pairs(t) do
      if (type(value) == "function") == functions and not name:find("^_%l") then
        names[#names + 1] = name
      end
    end
    return sorted(names)
  end

  local function functions_of(t)
    return names_of(t, true)
  end

  local function others_of(t)
    return names_of(t, false)
  end

  for owner, case in pairs {
    r2 = { functions = functions_of(r2), others = others_of(r2), class = "r2",
      says = function(name) return "%f[%w]r2%." .. name .. "%f[^%w_]" end },
    Issuer = { functions = ISSUER, others = {}, class = "r2.Issuer",
      says = function(name) return "%f[%w]issuer:" .. name .. "%f[^%w_]" end },
    sigv4 = { functions = functions_of(sigv4), others = others_of(sigv4), class = "r2.SigV4",
      says = function(name) return "`sigv4%." .. name .. "%f[^%w_]" end,
      section = "Functions of r2.sigv4" },
    http = { functions = functions_of(http), others = {}, class = "r2.HttpModule",
      says = function(name) return "`http%." .. name .. "%f[^%w_]" end },
    Http = { functions = keys_of(debug.getmetatable(HTTP).__index), others = {},
      class = "r2.Http",
      says = function(name) return "`h:" .. name .. "%f[^%w_]" end },
    Bucket = { functions = keys_of(BUCKET_METHODS), others = {}, class = "r2.Bucket",
      says = function(name) return "`bucket:" .. name .. "%(" end,
      section = "Functions of a bucket" },
    Exchange = { functions = keys_of(debug.getmetatable(EXCHANGE).__index), others = {},
      class = "r2.HttpExchange",
      says = function(name) return "`exchange:" .. name .. "%f[^%w_]" end },
    export = { functions = { "formats" }, others = FORMATS, class = "r2.Export",
      says = function(name) return "%f[%w]r2%.export%." .. name .. "%f[^%w_]" end },
    tc = { functions = functions_of(tc), others = others_of(tc), class = "r2.TempCredentials",
      says = function(name) return "`" .. name .. "`" end, section = "The C module" },
    Client = { functions = CLIENT, others = {}, class = "r2.Client",
      says = function(name) return "%f[%w]client:" .. name .. "%f[^%w_]" end },
  } do
    it("of " .. owner .. " is in the README", function()
      local text = case.section and section(case.section) or README
      for _, list in ipairs { case.functions, case.others } do
        for _, name in ipairs(list) do
          assert.is_truthy(text:find(case.says(name)), owner .. ": " .. name)
        end
      end
    end)

    it("of " .. owner .. " is in the types, and no other", function()
      assert.same(case.functions, keys_of(declared(owner)))
      assert.same(case.others, class(case.class))
    end)
  end

  it("of a format is in the README and in the types with what it is for", function()
    assert.same(keys_of(export), sorted { "formats", table.unpack(FORMATS) })
    local documented = rows("Other programs")
    assert.equal(#FORMATS, #documented)
    for i, format in ipairs(export.formats()) do
      assert.same({ ("`r2.export.%s(credentials)`"):format(format.name), format.about },
        { documented[i][1], (documented[i][2]:gsub("`", "")) })
      assert.is_truthy(TYPES:find(("\n---@field %s r2.Format %s\n"):format(format.name,
        format.about), 1, true), format.name)
    end
  end)

  it("has in the types the parameters that it has in Lua", function()
    local function parameters(f)
      local names, info = {}, debug.getinfo(f, "u")
      for i = 1, info.nparams do
        names[i] = debug.getlocal(f, i)
      end
      names[#names + 1] = info.isvararg and "..." or nil
      return names
    end
    local checked = 0
    for owner, t in pairs { r2 = r2, Issuer = ISSUER_METHODS, Bucket = BUCKET_METHODS } do
      for name, typed in pairs(declared(owner)) do
        if debug.getinfo(t[name], "S").what == "Lua" then
          local names = parameters(t[name])
          if owner ~= "r2" then
            assert.equal("self", table.remove(names, 1))
          end
          assert.equal(table.concat(names, ", "), typed, owner .. ": " .. name)
          checked = checked + 1
        end
      end
    end
    assert.is_true(checked >= 8)
  end)

  it("is described with every parameter", function()
    local described = {}
    for line in TYPES:gmatch("[^\n]*") do
      local name, parameters = line:match("^function ([%w.:_]+)%(([^)]*)%)")
      if name then
        assert.equal(parameters, table.concat(described, ", "), name)
      end
      if not line:find("^%-%-%-") then
        described = {}
      end
      described[#described + 1] = line:match("^%-%-%-@param ([%w_.]+)%?? ")
    end
  end)

  it("of a permission is in the README with its string, and in the types", function()
    assert.same(keys_of(r2.permission), class("r2.Permissions"))
    local wire = {}
    for constant, text in pairs(r2.permission) do
      wire[#wire + 1] = text
      local example = ('r2.permission.%s) *-- "%s"'):format(constant, text)
      example = example:gsub("[().-]", "%%%0")
      assert.is_truthy(section("Permissions"):find(example), constant)
      local typed = ('@field %s "%s"'):format(constant, text)
      assert.is_truthy(TYPES:find(typed, 1, true), constant)
    end
    assert.same(sorted(wire), alias("r2.PermissionName"))
    local granted = {}
    for _, cells in ipairs(rows("Keys and permissions")) do
      for name in cells[1]:gmatch("`([%l-]+)`") do
        granted[#granted + 1] = name
      end
    end
    assert.same(wire, sorted(granted))
  end)

  it("of an action is in the README's list of its kind, and in the types", function()
    local actions = r2.actions()
    assert.same(keys_of(actions), class("r2.Actions"))
    assert.same(sorted(r2.actions().ALL), alias("r2.ActionName"))
    local documented = rows("Actions by name")
    assert.same(keys_of(actions), names_in(documented, 1))
    for group, names in pairs(actions) do
      if group ~= "ALL" then
        assert.same(sorted(names), names_in({ row_of(documented, group) }, 2), group)
      end
    end
  end)
end)

describe("Every field", function()
  it("of the configuration is in the README and in the types", function()
    assert.same(FIELDS.configuration, names_in(rows("Configuration"), 1))
    assert.same(FIELDS.configuration, class("r2.Configuration"))
    assert.same(FIELDS.configuration, class("r2.EnvironmentOptions"))
  end)

  it("that the C module takes stands before the last seven of the table", function()
    local table_rows = rows("Configuration")
    assert.is_truthy(section("Configuration"):find("all but the last%s+seven"))
    assert.same(FIELDS.client, names_in({ table.unpack(table_rows, 1, #table_rows - 7) }, 1))
    assert.same(FIELDS.client, class("r2.ClientConfiguration"))
  end)

  it("of a bucket's configuration is in the README and in the types", function()
    local known = known_fields(new_bucket)
    assert.same(known, names_in(rows("A bucket's settings"), 1))
    assert.same(known, class("r2.BucketConfiguration"))
  end)

  it("of a bucket's options is in the README and in the types", function()
    local calls = {
      ["r2.PutOptions"] = { "put", "a", "x" }, ["r2.GetOptions"] = { "get", "a" },
      ["r2.ReadConditions"] = { "head", "a" }, ["r2.CopyOptions"] = { "copy", "a", "b" },
      ["r2.KeptOptions"] = { "create_upload", "a" },
      ["r2.FileUploadOptions"] = { "upload", "a", "a" },
      ["r2.DownloadOptions"] = { "download", "a", "a" },
      ["r2.PartOptions"] = { "upload_part", "a", "id", 1, "x" },
      ["r2.PageOptions"] = { "list_page" }, ["r2.UploadsOptions"] = { "list_uploads" },
      ["r2.PartsOptions"] = { "list_parts", "a", "id" },
      ["r2.BucketPresignOptions"] = { "presign", "GET", "a" },
    }
    local all = {}
    for name, call in pairs(calls) do
      local known = known_fields(function(options)
        local arguments = { table.unpack(call, 2) }
        arguments[#arguments + 1] = options
        return BUCKET[call[1]](BUCKET, table.unpack(arguments))
      end)
      assert.same(known, class(name), name)
      for _, option in ipairs(known) do
        all[option:gsub("^source_", "")] = true
      end
    end
    local documented = {}
    for _, cells in ipairs(rows("Functions of a bucket")) do
      for option in (not cells[1]:find("bucket:", 1, true) and cells[2] or "")
        :gmatch("`([%l_]+)[`(]") do
        documented[option] = true
      end
    end
    documented.source_ = nil
    assert.same(keys_of(all), keys_of(documented))
  end)

  it("of a request is in the README and in the types", function()
    assert.same(FIELDS.request, names_in(rows("Request"), 1))
    assert.same(FIELDS.request, class("r2.Request"))
  end)

  it("of what is signed is in the types", function()
    local url = "https://s3.example.com/b/k"
    local key = { access_key_id = "id", secret_access_key = "secret" }
    local get = { method = "GET", url = url }
    for name, call in pairs {
      ["r2.RequestToSign"] = function(t) return sigv4.sign(t, key) end,
      ["r2.SigningCredentials"] = function(t) return sigv4.sign(get, t) end,
      ["r2.SignOptions"] = function(t) return sigv4.sign(get, key, t) end,
      ["r2.PresignOptions"] = function(t) return sigv4.presign(get, key, t) end,
    } do
      assert.same(known_fields(call), class(name))
    end
  end)

  it("of a credential is in the README and in the types", function()
    local fields = keys_of(assert(client:sign(make.request())))
    assert.same(fields, names_in(rows("Credentials"), 1))
    assert.same(fields, class("r2.Credentials"))
  end)

  it("of claims is in the README and in the types", function()
    local fields = keys_of(make.changed(
      claims_of(), claims_of { permission = make.ABSENT, actions = { "GetObject" } }))
    assert.same(fields, names_in(rows("The C module"), 1))
    assert.same(fields, class("r2.Claims"))
  end)

  it("of an error is in the README and in the types", function()
    assert.same(error_fields(), names_in(rows("Errors by field"), 1))
    assert.same(error_fields(), class("r2.Error"))
  end)

  it("of what the API says is in the types", function()
    assert.same(keys_of(ANSWERED.errors[1]), class("r2.ApiError"))
  end)

  it("of a request to the API is in the types", function()
    assert.same(keys_of(assert(client:request(make.request()))), class("r2.HttpRequest"))
  end)

  it("of a transport is in the README and in the types", function()
    local _, message = r2.new(make.config { transport = {} })
    local names = matches_in(message:match(" functions (.*)$"), "%f[%l]([%l]+)%f[^%l]")
    names = without(names, { ["and"] = true })
    assert.same(names, names_in({ row_of(rows("Configuration"), "transport") }, 2))
    assert.same(names, class("r2.Transport"))
  end)

  it("has the range that the README says", function()
    local checked = 0
    for heading, call in pairs {
      Configuration = function(field)
        return r2.new(make.config { [field] = -1 })
      end,
      Request = function(field)
        return issuer:create(make.request { [field] = -1 })
      end,
    } do
      for _, cells in ipairs(rows(heading)) do
        local low, high = cells[2]:match("^whole number, (%d+) to (%d+)$")
        if low then
          local _, message = call(cells[1]:match("`(.-)`"))
          local range = ("from %s to %s"):format(low, high)
          assert.is_truthy(message:find(range, 1, true), message)
          checked = checked + 1
        end
      end
    end
    assert.equal(3, checked)
  end)

  it("max_token_bytes has the default that the README says", function()
    local many = {}
    for i = 1, 2000 do
      many[i] = ("k%d"):format(i)
    end
    local _, message = issuer:create(make.request { prefixes = many })
    assert.equal(row_of(rows("Configuration"), "max_token_bytes")[3],
      message:match("max_token_bytes %((%d+)%)"))
    assert.is_truthy(section("Paths"):find("`max_token_bytes` (8000)", 1, true))
  end)
end)

describe("Every pattern", function()
  local SHORT = {
    ["object-write-only"] = "write-only", ["object-read-only"] = "read-only",
    ["object-read-write"] = "read-write",
  }

  it("is in the README's table", function()
    local names = {}
    for _, cells in ipairs(rows("Patterns")) do
      names[#names + 1] = cells[1]:match("^`([%l_]+)%(")
    end
    assert.same(keys_of(PATTERNS), sorted(names))
    assert.same(without(ISSUER,
      { create = true, start = true, signs = true, presign = true, verify = true, close = true }),
      names)
  end)

  for name, call in pairs(PATTERNS) do
    it(name .. " sets there what it sets", function()
      local cells = row_of(rows("Patterns"), name .. "(")
      local credentials = assert(call())
      local claims = assert(tc.inspect(credentials.session_token))
      assert.equal(cells[2], SHORT[claims.scope or "object-write-only"])
      assert.equal(cells[4], ("%d"):format(credentials.expires_at - make.NOW))
      assert.same(known_fields(call), names_in({ cells }, 5))
      assert.same(known_fields(call),
        class(name == "upload_credentials" and "r2.UploadOptions" or "r2.Options"))
    end)
  end
end)

describe("Every kind of error", function()
  it("is in the README and in the types", function()
    local kinds = {}
    for _, cells in ipairs(rows("Errors")) do
      kinds[#kinds + 1] = cells[1]:match("^`([%l_]+)`$")
    end
    local in_code = keys_of(tc._kinds)
    assert.is_true(#in_code >= 8)
    assert.same(in_code, sorted(kinds))
    assert.same(in_code, alias("r2.ErrorKind"))
  end)

  it("that Lua makes, or looks for, is one of them", function()
    local sources = support.run("cat $(find lua -name '*.lua')")
    for _, pattern in ipairs {
      '%f[%w]fail%(%s*"([^"]*)"', 'failure%(%s*"([^"]*)"',
      'fields%.reader%(%s*"([^"]*)"', 'stop%(%w+, "([^"]*)"',
      'err%.kind%s*[=~]=?%s*"([^"]*)"',
    } do
      local kinds = matches_in(sources, pattern)
      assert.is_true(#kinds > 0, pattern)
      for _, kind in ipairs(kinds) do
        assert.is_true(tc._kinds[kind], kind)
      end
    end
  end)
end)

describe("Every environment variable", function()
  it("that is read is in the README and in the types", function()
    local getenv, asked = os.getenv, {}
    os.getenv = function(name) -- luacheck: ignore
      asked[name] = true
    end
    local ok = pcall(r2.from_env)
    os.getenv = getenv -- luacheck: ignore
    assert.is_true(ok)
    assert.same(keys_of(asked),
      matches_in(section("Keys and permissions"), "`([%u%d]+_[%u%d_]+)`"))
    assert.same(keys_of(asked), matches_in(TYPES, "else ([%u%d_]+)\n"))
  end)
end)
