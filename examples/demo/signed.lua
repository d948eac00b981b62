-- The first part of `make demo`: a temporary credential, signed here, for each of five common uses,
-- and what it allows.
--
-- With CLOUDFLARE_ACCOUNT_ID, R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY set these are credentials
-- of your own, and no secret is shown. Without keys in the environment demonstration keys are used,
-- which open nothing: the first credential is shown whole, and the openssl command makes each
-- signature and secret again.
local r2 = require "r2"
local text = require "examples.demo.text"

local fail, show = text.fail, text.show

-- What is shown as the request is the source of `make`, so it is what runs.
local uses = {
  {
    title = "Browser upload",
    text = "A page uploads files of one user into one folder. It cannot read, list or delete.",
    make = function(issuer)
      return issuer:client_upload_credentials("user-123", "my-bucket")
    end,
  },
  {
    title = "File download",
    text = "A customer fetches two files, and nothing else of what lies beside them.",
    make = function(issuer)
      return issuer:download_credentials("my-bucket", {
        "reports/2026/summary.pdf",
        "reports/2026/figures.csv",
      })
    end,
  },
  {
    title = "Backup service",
    text = "A nightly job writes, reads and prunes its own backups.",
    make = function(issuer)
      return issuer:service_credentials("my-bucket", "backups/database/")
    end,
  },
  {
    title = "Analytics",
    text = "A query engine reads two datasets while a report is made.",
    make = function(issuer)
      return issuer:create {
        bucket = "my-bucket",
        permission = r2.permission.OBJECT_READ_ONLY,
        prefixes = { "events/2026/", "customers/" },
        ttl_seconds = 6 * 3600,
      }
    end,
  },
  {
    title = "Migration",
    text = "A tool moves a whole bucket, for as long as the move takes and no longer.",
    make = function(issuer)
      return issuer:create {
        bucket = "my-bucket",
        permission = r2.permission.OBJECT_READ_WRITE,
        ttl_seconds = 2 * 3600,
      }
    end,
  },
}

local demonstration_keys = {
  account_id = "acc0acc0acc0acc0acc0acc0acc0acc0",
  parent_access_key_id = "1dea1dea1dea1dea1dea1dea1dea1dea",
  parent_secret_access_key = "5ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec05ec0",
}

-- ---- the same by another program ----

-- Demonstration keys only: other users of the machine can read a command line.
local function shell(command)
  local pipe = assert(io.popen(command))
  local output = pipe:read("*a")
  pipe:close()
  return (output:gsub("\n$", ""))
end

local function openssl(input, command)
  assert(input:find("^[%w._=-]+$"), "not for a shell")
  return shell(("printf %%s %s | openssl %s"):format(input, command))
end

local function compare(what, ours, theirs)
  show(what, { ours }, "")
  show("  by openssl", { theirs, ours == theirs and "the same" or "DIFFERENT" }, "  ")
end

-- Whether openssl makes the same; whole: shows both, else what came of it.
local function proof(credentials, whole)
  local jwt = openssl(credentials.session_token, "base64 -d -A"):match("^jwt/([%w._-]+)$")
  if not jwt then
    fail("the openssl command does not decode the session token: is it installed?")
  end
  local signing_input, signature = jwt:match("^(.*)%.([^.]*)$")
  local hmac = "dgst -sha256 -binary -hmac " .. demonstration_keys.parent_secret_access_key
  local mac = openssl(signing_input, hmac .. " | openssl base64 -A | tr +/ -_ | tr -d =")
  local digest = openssl(jwt, "dgst -sha256"):match("%x+$") or ""
  local same = signature == mac and credentials.secret_access_key == digest
  if whole then
    print()
    compare("signature", signature, mac)
    compare("secret", credentials.secret_access_key, digest)
  else
    show("by openssl", { "signature and secret are " .. (same and "the same" or "DIFFERENT") },
      "")
  end
  return same
end

-- ---- the two ways to run ----

local NEEDED = { "CLOUDFLARE_ACCOUNT_ID", "R2_ACCESS_KEY_ID", "R2_SECRET_ACCESS_KEY" }

-- Which of the variables with keys are set.
local function variables()
  local set = {}
  for _, name in ipairs { NEEDED[1], NEEDED[2], NEEDED[3], "CLOUDFLARE_API_TOKEN" } do
    if (os.getenv(name) or "") ~= "" then
      set[#set + 1] = name
    end
  end
  return set
end

local function own_issuer(set)
  local issuer, message = r2.from_env { mode = "local" }
  if not issuer then
    fail(("%s; for the demonstration keys unset %s"):format(message, table.concat(set, ", ")))
  end
  print [[
Cloudflare R2 temporary credentials, made with your own keys.
They are real. Their secrets and session tokens are not shown.]]
  return issuer
end

local function demonstration_issuer()
  print(([[
Cloudflare R2 temporary credentials, made with DEMONSTRATION KEYS that open nothing.
To make real ones set %s, %s and %s.

   account               %s
   parent access key id  %s
   parent secret         %s

openssl makes each signature and secret again, from the session token and the parent secret alone:

   jwt=$(printf %%s "$session_token" | openssl base64 -d -A | cut -c 5-)
   printf %%s "${jwt%%.*}" | openssl dgst -sha256 -binary -hmac "$parent_secret" |
       openssl base64 -A | tr +/ -_ | tr -d =            # the signature: what follows the last dot
   printf %%s "$jwt" | openssl dgst -sha256               # the secret access key]]):format(
    NEEDED[1], NEEDED[2], NEEDED[3], demonstration_keys.account_id,
    demonstration_keys.parent_access_key_id, demonstration_keys.parent_secret_access_key))
  return assert(r2.new(demonstration_keys))
end

local function main()
  local set = variables()
  local demonstration = #set == 0
  local issuer = demonstration and demonstration_issuer() or own_issuer(set)
  local proved = true
  for number, use in ipairs(uses) do
    text.show_use(number, use)
    local now = os.time()
    local credentials, message = use.make(issuer)
    if not credentials then
      fail(message)
    end
    text.show_limits(credentials, now)
    local whole = number == 1
    text.show_credentials(credentials,
      not demonstration and "hidden" or whole and "full" or "short")
    if demonstration then
      proved = proof(credentials, whole) and proved
    end
  end
  issuer:close()
  if not proved then
    fail("openssl makes something else than the library")
  end
  print(("\n%d credentials made. %s"):format(#uses, demonstration
    and "openssl makes the same signatures and secrets."
    or "They were signed on this machine; nothing was sent anywhere."))
end

main()
