-- Credentials in the formats of other programs. That those programs read them is what
-- spec/project/tools_spec.lua says.
local cjson = require "cjson"
local r2 = require "r2"
local export = require "r2.export"
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local values = require "spec.support.values"

local unpack = table.unpack or unpack -- luacheck: compat

local function credentials(changes)
  return make.changed({
    access_key_id = "the-key-id",
    secret_access_key = "the-secret",
    session_token = "the-token==",
    expires_at = 1767323045,
    bucket = "my-bucket",
    endpoint = "https://account.r2.cloudflarestorage.com",
  }, changes)
end

-- As AWS and rclone document them.
local EXPECTED = {
  process = '{"Version":1,"AccessKeyId":"the-key-id","SecretAccessKey":"the-secret",'
    .. '"SessionToken":"the-token==","Expiration":"2026-01-02T03:04:05Z"}',
  container = '{"AccessKeyId":"the-key-id","SecretAccessKey":"the-secret",'
    .. '"Token":"the-token==","Expiration":"2026-01-02T03:04:05Z"}',
  sdk = '{"accessKeyId":"the-key-id","secretAccessKey":"the-secret",'
    .. '"sessionToken":"the-token==","expiration":"2026-01-02T03:04:05Z"}',
  json = '{"access_key_id":"the-key-id","secret_access_key":"the-secret",'
    .. '"session_token":"the-token==","expires_at":1767323045,"bucket":"my-bucket",'
    .. '"endpoint":"https://account.r2.cloudflarestorage.com"}',
  env = [[
export AWS_ACCESS_KEY_ID='the-key-id'
export AWS_SECRET_ACCESS_KEY='the-secret'
export AWS_SESSION_TOKEN='the-token=='
export AWS_CREDENTIAL_EXPIRATION='2026-01-02T03:04:05Z'
export AWS_ENDPOINT_URL_S3='https://account.r2.cloudflarestorage.com'
export AWS_IGNORE_CONFIGURED_ENDPOINT_URLS='false'
export AWS_USE_FIPS_ENDPOINT='false'
export AWS_USE_DUALSTACK_ENDPOINT='false'
export AWS_REGION='auto'
export AWS_DEFAULT_REGION='auto'
export AWS_REQUEST_CHECKSUM_CALCULATION='WHEN_REQUIRED'
export AWS_RESPONSE_CHECKSUM_VALIDATION='WHEN_REQUIRED'
unset AWS_SECURITY_TOKEN AWS_ACCESS_KEY AWS_SECRET_KEY AWS_CREDENTIAL_FILE
unset AWS_PROFILE AWS_DEFAULT_PROFILE
]],
  dotenv = [[
AWS_ACCESS_KEY_ID=the-key-id
AWS_SECRET_ACCESS_KEY=the-secret
AWS_SESSION_TOKEN=the-token==
AWS_CREDENTIAL_EXPIRATION=2026-01-02T03:04:05Z
AWS_ENDPOINT_URL_S3=https://account.r2.cloudflarestorage.com
AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false
AWS_USE_FIPS_ENDPOINT=false
AWS_USE_DUALSTACK_ENDPOINT=false
AWS_REGION=auto
AWS_DEFAULT_REGION=auto
AWS_REQUEST_CHECKSUM_CALCULATION=WHEN_REQUIRED
AWS_RESPONSE_CHECKSUM_VALIDATION=WHEN_REQUIRED
]],
  rclone = [[
export RCLONE_S3_PROVIDER='Cloudflare'
export RCLONE_S3_ACCESS_KEY_ID='the-key-id'
export RCLONE_S3_SECRET_ACCESS_KEY='the-secret'
export RCLONE_S3_SESSION_TOKEN='the-token=='
export RCLONE_S3_ENDPOINT='https://account.r2.cloudflarestorage.com'
export RCLONE_S3_REGION='auto'
export RCLONE_S3_NO_CHECK_BUCKET='true'
export RCLONE_S3_NO_HEAD='false'
export RCLONE_NO_CHECK_DEST='false'
]],
}

-- All formats, those in JSON, those with the expiry; and for each the other fields that it has.
local FORMATS, IN_JSON, WITH_EXPIRY, FIELDS = {}, {}, {}, {}
for i, format in ipairs(export.formats()) do
  local name = format.name
  local text = assert(EXPECTED[name], "nothing is expected of " .. name)
  FORMATS[i], FIELDS[name] = name, {}
  IN_JSON[#IN_JSON + 1] = text:find("^{") and name or nil
  WITH_EXPIRY[#WITH_EXPIRY + 1] = (text:find("2026-01-02T03:04:05Z", 1, true)
    or text:find("1767323045", 1, true)) and name or nil
  for field, value in pairs(credentials { expires_at = make.ABSENT }) do
    FIELDS[name][#FIELDS[name] + 1] = text:find(value, 1, true) and field or nil
  end
end

describe("r2.export", function()
  it("is required by r2 on first use, and has a function for each format", function()
    assert.equal(export, r2.export)
    local names = {}
    for name in pairs(export) do
      names[#names + 1] = name ~= "formats" and name or nil
    end
    table.sort(names)
    local formats = { unpack(FORMATS) }
    table.sort(formats)
    assert.same(formats, names)
  end)

  it("tells its formats, each with what it is for, in a fresh list", function()
    local list = export.formats()
    for _, format in ipairs(list) do
      assert.matches("^%a[^\n]+[^%s.]$", format.about)
    end
    list[1].name, list[2] = "changed", nil
    assert.equal(FORMATS[1], export.formats()[1].name)
    assert.equal(FORMATS[2], export.formats()[2].name)
  end)

  it("takes what an issuer makes", function()
    local made = assert(make.issuer():create(make.request()))
    for _, format in ipairs(FORMATS) do
      local text = assert(export[format](made))
      assert.is_truthy(text:find(made.session_token, 1, true), format)
      assert.is_truthy(text:find(made.secret_access_key, 1, true), format)
    end
  end)

  it("changes nothing of what it is given, and makes the same again", function()
    local given = credentials()
    for _, format in ipairs(FORMATS) do
      assert.equal(export[format](given), export[format](given))
    end
    assert.same(credentials(), given)
  end)

  for _, format in ipairs(FORMATS) do
    it("writes " .. format, function()
      assert.equal(EXPECTED[format], export[format](credentials()))
    end)
  end
end)

it("r2.export names the first field that is wrong", function()
  for _, format in ipairs(FORMATS) do
    local _, _, err = export[format] {}
    assert.equal("access_key_id", err.field)
    _, _, err = export[format] { access_key_id = "x" }
    assert.equal("secret_access_key", err.field)
    _, _, err = export[format] { access_key_id = "x", secret_access_key = "x" }
    assert.equal("session_token", err.field)
  end
end)

-- Runs shell lines and hands back what a variable then is, every byte of it, or "(unset)".
local function in_shell(lines, variable)
  local name = os.tmpname()
  local file = assert(io.open(name, "wb"))
  file:write("set -eu\n", lines, "printf %s \"${", variable, "-(unset)}\"\n")
  file:close()
  local pipe = assert(io.popen("sh " .. name))
  local value = pipe:read("*a")
  pipe:close()
  os.remove(name)
  return value
end

local function bytes(from, to)
  local list = {}
  for byte = from, to do
    list[#list + 1] = string.char(byte)
  end
  return table.concat(list)
end

describe("The lines for a shell", function()
  for name, value in values.sorted {
    ["every byte but NUL"] = bytes(1, 255),
    ["every byte but NUL, backwards"] = bytes(1, 255):reverse(),
    ["quotes alone"] = "'''",
    ["a quote at each end"] = "'a'",
    ["what would be a command"] = "'; touch never; echo '",
    ["expansions"] = "$HOME `id` $(id) ${x} !! ~ * ?",
    ["backslashes"] = [[\ \\ \' \n]],
    ["double quotes"] = '"a" "',
    ["line ends"] = "\na\r\nb\n\n.",
    ["a dash"] = "-n",
    ["UTF-8"] = "Überblick 報告 😀",
    ["what is not UTF-8"] = "\255\254\192\175",
    ["a hundred thousand bytes"] = ("'x"):rep(50000),
  } do
    it("hand over " .. name, function()
      for format, variable in pairs {
        env = "AWS_SECRET_ACCESS_KEY", rclone = "RCLONE_S3_SECRET_ACCESS_KEY",
      } do
        local lines = assert(export[format](credentials { secret_access_key = value }))
        assert.equal(value, in_shell(lines, variable))
      end
    end)
  end

  it("hand over each field in its own variable", function()
    for variable, field in pairs {
      AWS_ACCESS_KEY_ID = "access_key_id", AWS_SECRET_ACCESS_KEY = "secret_access_key",
      AWS_SESSION_TOKEN = "session_token", AWS_ENDPOINT_URL_S3 = "endpoint",
      RCLONE_S3_ACCESS_KEY_ID = "access_key_id", RCLONE_S3_ENDPOINT = "endpoint",
      RCLONE_S3_SECRET_ACCESS_KEY = "secret_access_key",
      RCLONE_S3_SESSION_TOKEN = "session_token",
    } do
      local lines = export.env(credentials()) .. export.rclone(credentials())
      assert.equal(credentials()[field], in_shell(lines, variable))
    end
  end)
end)

describe("The lines for a shell with another life", function()
  local names = {
    "AWS_SECURITY_TOKEN", "AWS_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_CREDENTIAL_FILE",
    "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
  }
  for _, name in ipairs(names) do
    it("leave nothing of " .. name, function()
      local lines = ("export %s=another\n"):format(name) .. export.env(credentials())
      assert.equal("(unset)", in_shell(lines, name))
      assert.equal("(unset)", in_shell(export.env(credentials()), name))
    end)
  end
end)

describe("The JSON", function()
  for _, format in ipairs(IN_JSON) do
    it("of " .. format .. " hands over every visible character", function()
      local value = bytes(33, 126)
      local object = cjson.decode((assert(export[format](credentials {
        access_key_id = value, secret_access_key = value .. value, session_token = value,
      }))))
      local handed = {}
      for _, text in pairs(object) do
        handed[text] = (handed[text] or 0) + 1
      end
      assert.equal(2, handed[value])
      assert.equal(1, handed[value .. value])
    end)

    it("of " .. format .. " is one line, with slashes as they are", function()
      local text = export[format](credentials { session_token = "a/b+c" })
      assert.is_nil(text:find("\n", 1, true))
      assert.is_truthy(text:find('"a/b+c"', 1, true))
    end)
  end

  for expires_at, expected in pairs {
    [0] = "1970-01-01T00:00:00Z", [1709164800] = "2024-02-29T00:00:00Z",
    [253402300799] = "9999-12-31T23:59:59Z",
  } do
    it("tells the time " .. expected, function()
      assert.equal(expected, cjson.decode(export.process(credentials {
        expires_at = expires_at,
      })).Expiration)
    end)
  end
end)

describe("What is no credential", function()
  local SECRET = "0123456789abcdef-secret"
  local function refuses(format, field, value)
    refused({ kind = "invalid_request", field = field, hides = { SECRET } }, function()
      return export[format](credentials {
        secret_access_key = SECRET, session_token = SECRET, [field] = value,
      })
    end)
  end

  for _, format in ipairs(FORMATS) do
    it("is refused by " .. format .. ": a field that is missing or wrong", function()
      for _, field in ipairs(FIELDS[format]) do
        refuses(format, field, make.ABSENT)
        refuses(format, field, "")
        refuses(format, field, SECRET .. "\0")
        for _, value in values.sorted(values.not_a_string()) do
          refuses(format, field, value)
        end
      end
    end)

    it("raises in " .. format .. " where it is no table", function()
      for _, value in ipairs { "text", 1, true, print } do
        assert.error_matches(function() export[format](value) end, "table expected, got")
      end
      assert.error_matches(function() export[format]() end, "table expected, got nil")
    end)

    it("is refused by " .. format .. ": fields that only a metatable has", function()
      assert.is_nil((export[format](setmetatable({}, { __index = credentials() }))))
    end)
  end

  for _, format in ipairs(IN_JSON) do
    it("is refused by " .. format .. ": bytes that JSON or a header cannot hold", function()
      for _, value in ipairs { "a b", "a\n", "\127", "\255", "Ü", "\1" } do
        refuses(format, "session_token", value)
      end
    end)
  end

  for _, format in ipairs(WITH_EXPIRY) do
    it("is refused by " .. format .. ": a wrong time", function()
      for _, value in values.sorted(values.not_a_number()) do
        refuses(format, "expires_at", value)
      end
      for _, value in ipairs { -1, 0.5, 0 / 0, 1 / 0, 253402300800 } do
        refuses(format, "expires_at", value)
      end
    end)
  end
end)
