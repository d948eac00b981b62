-- Whether a credential that is made opens the bucket, for what it should and not for more.

local r2_bucket = require "r2.bucket"

local opened = {}

local PREFIX = "r2-doctor/"
local LIFE = 900 -- seconds
local JURISDICTIONS = { "eu", "fedramp", "us" }

-- What the codes of R2 say of the set-up (developers.cloudflare.com/r2/api/error-codes/).
local MEANING = {
  AccessDenied = { "the parent may not do that with this bucket",
    "its token wants Object Read (& Write) on the bucket" },
  SignatureDoesNotMatch = { "R2 refuses the signature",
    "R2_SECRET_ACCESS_KEY is not R2_ACCESS_KEY_ID's" },
  InvalidArgument = { "R2 refuses the session token",
    "R2_SECRET_ACCESS_KEY is not R2_ACCESS_KEY_ID's, or the account is another one" },
  Unauthorized = { "R2 does not know R2_ACCESS_KEY_ID",
    "the token is revoked, of another account, or less than a minute old" },
}

local function tell(report, name, err)
  local known = MEANING[err.code] or err.status == 401 and MEANING.Unauthorized
  if known then
    report:wrong(name, known[1] .. (err.code and " (" .. err.code .. ")" or ""), known[2])
  else
    report:wrong(name, err.message, nil, err.kind == "network" or err.kind == "timeout"
      or err.kind == "tls" or (err.status or 0) >= 500)
  end
end

local function bucket_with(context, credentials)
  return assert(r2_bucket {
    credentials = credentials, transport = context.transport, max_attempts = 1,
    deadline_seconds = context.seconds, clock = context.now,
  })
end

local function mint(issuer, bucket, permission, prefix)
  return issuer:create {
    bucket = bucket, permission = permission, ttl_seconds = LIFE,
    prefixes = prefix and { prefix } or nil,
  }
end

-- ---- the bucket ----

-- Where else it may be: a bucket of another jurisdiction is at another endpoint.
local function find_elsewhere(context, bucket)
  for _, jurisdiction in ipairs(context.settings.endpoint and {} or JURISDICTIONS) do
    local issuer = context.new_issuer("local", jurisdiction)
    local credentials = issuer and mint(issuer, bucket, "object-read-only")
    if credentials and bucket_with(context, credentials):list_page { limit = 1 } then
      return jurisdiction
    end
  end
end

local function tell_missing(context, report, bucket)
  local found = context.settings.parent_secret_access_key and find_elsewhere(context, bucket)
  if found then
    report:wrong("bucket", "it is in another jurisdiction", "export R2_JURISDICTION=" .. found)
  else
    report:wrong("bucket", "there is none of that name (NoSuchBucket)",
      "look at its name, the account, and R2_JURISDICTION")
  end
end

local function check_list(context, report, name, issuer, bucket)
  local credentials, _, err = mint(issuer, bucket, "object-read-only")
  local page
  if credentials then
    page, _, err = bucket_with(context, credentials):list_page { limit = 1 }
  end
  if page then
    report:ok(name, "a credential opens the bucket")
    return true
  elseif err.code == "NoSuchBucket" or err.code == 10006 then
    tell_missing(context, report, bucket)
  else
    tell(report, name, err)
  end
end

-- ---- no more than that ----

local function check_narrow(context, report, name, issuer, bucket)
  local credentials, _, err = mint(issuer, bucket, "object-read-only", PREFIX)
  if not credentials then
    return tell(report, name, err)
  end
  local narrow = bucket_with(context, credentials)
  local inside, _, within = narrow:head(PREFIX .. "none")
  local outside, _, without = narrow:head("r2-doctor-none")
  if not inside and within.status ~= 404 then
    tell(report, name, within)
  elseif outside or without.status ~= 403 then
    report:wrong(name, "one for a prefix opens more than that", "please report it")
  else
    report:ok(name, "one for a prefix opens that and no more")
  end
end

local function write(context, credentials)
  local written = bucket_with(context, credentials)
  local key = ("%s%.0f-%06d"):format(PREFIX, context.now(), math.random(0, 999999))
  local good, got, _, err
  good, _, err = written:put(key, key, { if_none_match = "*" })
  if good then
    got, _, err = written:get(key)
    local gone, _, problem = written:delete(key)
    err = err or not gone and problem or nil
  end
  return good and not err and got.body == key, err
end

local function check_write(context, report, name, issuer, bucket)
  local credentials, _, err = mint(issuer, bucket, "object-read-write", PREFIX)
  local good
  if credentials then
    good, err = write(context, credentials)
  end
  if good then
    report:ok(name, "puts, reads and deletes an object")
  elseif err then
    tell(report, name, err)
  else
    report:wrong(name, "what was put came back as something else", "please report it", true)
  end
end

--- What a credential of one way opens.
-- @tparam table context
-- @tparam table report
-- @tparam string mode local or api
-- @tparam string bucket
-- @tparam boolean with_write
function opened.check(context, report, mode, bucket, with_write)
  local name = mode == "local" and "signed here" or "from the API"
  local issuer, message = context.new_issuer(mode)
  if not issuer then
    return report:wrong(name, message)
  elseif check_list(context, report, name, issuer, bucket) then
    check_narrow(context, report, name, issuer, bucket)
    if with_write and not report.is_wrong then
      check_write(context, report, name, issuer, bucket)
    end
  end
  issuer:close()
end

return opened
