-- What r2creds refuses on its command line, and of its keys.

local keys = require "spec.support.keys"
local make = require "spec.support.make"
local values = require "spec.support.values"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

local fails, KEYS = r2creds.fails, r2creds.KEYS

teardown(support.remove_folders)

describe("r2creds refuses in one line, with exit code 2:", function()
  local EXPLICIT = "mint --bucket my-bucket --permission object-read-only --ttl 1h "
  for words, pieces in values.sorted {
    [""] = { "a command is required", "r2creds --help" },
    ["bogus"] = { "unknown command 'bogus'" },
    ["mnit"] = { "unknown command 'mnit'; did you mean 'mint'?" },
    ["--bogus"] = { "unknown option '--bogus'" },
    ["mint --bogus"] = { "--bogus", "r2creds mint --help" },
    ["mint --prefixes users/ upload my-bucket"] = { "--prefixes" },
    ["mint upload my-bucket --prefixes a/"] = { "--prefixes", "r2creds mint upload --help" },
    ["mint upload"] = { "bucket" },
    ["mint upload my-bucket another"] = { "too many arguments" },
    ["mint download my-bucket"] = { "'key'" },
    ["mint"] = { "--bucket" },
    ["mint --bucket my-bucket --ttl 1h"] = { "--permission is required, or actions" },
    ["mint --bucket my-bucket --permission object-read-only"] = { "--ttl" },
    [EXPLICIT .. "--bucket another"] = { "--bucket", "at most 1 time" },
    [EXPLICIT .. "--action GetObject"] = { "--action must not be given beside a permission" },
    [EXPLICIT .. "--prefix ''"] = { "--prefix[1]", "1 to 1024" },
    [EXPLICIT .. "--prefix"] = { "--prefix", "requires an argument" },
    [EXPLICIT .. "--prefix --object x"] = { "--prefix", "requires an argument" },
    [EXPLICIT .. "--object a --object ''"] = { "--object[2]" },
    [EXPLICIT .. "--format xml"] = { "--format", "'env'" },
    [EXPLICIT .. "--mode remote"] = { "--mode", "'local'" },
    [EXPLICIT .. "--timeout never"] = { "--timeout", "seconds" },
    [EXPLICIT .. "--timeout 0x10"] = { "--timeout", "seconds" },
    [EXPLICIT .. "--timeout 2h"] = { "--timeout", "at most 3600" },
    [EXPLICIT .. "--env-file ''"] = { "--env-file", "must name a file" },
    [EXPLICIT .. "--timeout 0"] = { "--timeout", "above 0" },
    [EXPLICIT .. "--api-base-url ftp://x"] = { "--api-base-url", "https" },
    [EXPLICIT .. "--parent-access-key-id " .. keys.another_parent_access_key_id] = {
      "--parent-access-key-id",
    },
    ["mint --bucket B --permission object-read-only --ttl 1h"] = { "--bucket must" },
    ["mint --bucket my-bucket --permission write --ttl 1h"] = { "--permission" },
    ["mint --bucket my-bucket --action Get --ttl 1h"] = { "--action[1]", "GetObject" },
    ["mint --bucket my-bucket --permission object-read-only --ttl 8d"] = { "--ttl", "604800" },
    ["mint --bucket my-bucket --permission object-read-only --ttl 0"] = {
      "--ttl must", "604800",
    },
    ["mint --bucket my-bucket --permission object-read-only --ttl -5"] = { "'-5'" },
    ["mint --bucket my-bucket --permission object-read-only --ttl 1w"] = { "--ttl", "15m" },
    ["mint --bucket my-bucket --permission object-read-only --ttl 1.5h"] = { "--ttl", "15m" },
    ["mint --bucket my-bucket --permission object-read-only --ttl 9999999999"] = { "--ttl" },
    ["mint --permission object-read-only upload my-bucket"] = { "--permission" },
    ["mint --bucket a-bucket upload my-bucket"] = { "--bucket" },
    ["mint --prefix a/ download my-bucket a"] = { "mint download takes no --prefix" },
    ["mint --action GetObject service my-bucket a/"] = { "--action" },
    ["mint --ttl 1h upload my-bucket --ttl 2h"] = { "--ttl", "at most 1 time" },
    ["mint upload B"] = { "BUCKET must" },
    ["mint upload my-bucket --prefix ''"] = { "--prefix[1]" },
    ["mint client-upload ../x my-bucket"] = { "USER" },
    ["mint client-upload '' my-bucket"] = { "USER" },
    ["mint download my-bucket ''"] = { "KEY[1]" },
    ["mint service my-bucket backups"] = { "PREFIX", '"/"' },
    ["inspect a b"] = { "too many arguments" },
    ["inspect ''"] = { "file must name a file", "r2creds inspect --help" },
    ["verify ''"] = { "file must name a file" },
    ["inspect --env-file x"] = { "--env-file" },
    ["presign POST my-bucket a"] = { "'method'", "'GET'" },
    ["presign GET my-bucket"] = { "'key'" },
    ["presign GET my-bucket ''"] = { "KEY must" },
    ["presign GET B a"] = { "BUCKET must" },
    ["presign GET my-bucket a --expires 8d"] = { "--expires must", "604800" },
    ["sandbox --port ''"] = { "--port", "65535" },
    ["sandbox x"] = { "too many arguments" },
  } do
    it("r2creds " .. words, function()
      fails(2, pieces, "r2creds " .. words)
    end)
  end

  for _, option in ipairs {
    "--secret", "--secret-access-key", "--parent-secret-access-key", "--token", "--api-token",
    "--session-token", "--access-token", "--password", "--api-key", "--client-secret", "-token",
  } do
    it("keys on the command line: " .. option, function()
      for _, between in ipairs { " ", "=" } do
        for _, command in ipairs { "mint upload my-bucket ", "verify ", "" } do
          fails(2, { option, "every user of the machine", "--env-file" }, "r2creds "
            .. command .. option .. between .. keys.parent_secret_access_key)
        end
      end
    end)
  end

  it("secrets in a wrong place, without a repetition of them", function()
    for _, words in ipairs { "", "mint --", "mint upload my-bucket --format ", "presign " } do
      fails(2, {}, "r2creds " .. words .. keys.parent_secret_access_key)
    end
  end)

  for name, case in values.sorted {
    ["no keys"] = { {}, "CLOUDFLARE_ACCOUNT_ID" },
    ["empty keys"] = { { CLOUDFLARE_ACCOUNT_ID = "" }, "CLOUDFLARE_ACCOUNT_ID" },
    ["no secret"] = {
      make.changed(KEYS, { R2_SECRET_ACCESS_KEY = make.ABSENT }), "R2_SECRET_ACCESS_KEY",
    },
    ["the token's value as the secret"] = {
      make.changed(KEYS, { R2_SECRET_ACCESS_KEY = keys.api_token }),
      "R2_SECRET_ACCESS_KEY must be 64 lower-case hex characters; this looks like an API "
        .. "token's value: the secret is what r2.secret_from_api_token, or `printf %s "
        .. "TOKEN | sha256sum`, makes of it",
    },
    ["another key's form"] = {
      make.changed(KEYS, { R2_ACCESS_KEY_ID = "AKIA0123456789ABCDEF" }), "R2_ACCESS_KEY_ID",
    },
    ["a jurisdiction beside an endpoint"] = {
      make.changed(KEYS, { R2_JURISDICTION = "eu", R2_ENDPOINT = "https://x" }),
      "R2_ENDPOINT",
    },
  } do
    it(name .. " in the environment", function()
      for _, words in ipairs { "mint upload my-bucket", "presign GET my-bucket a" } do
        fails(2, { case[2] }, "r2creds " .. words, case[1])
      end
      fails(2, { case[2] }, "r2creds verify </dev/null", case[1])
    end)
  end
end)
