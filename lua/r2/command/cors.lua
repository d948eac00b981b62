-- r2creds cors: which pages may upload to a bucket from a browser.

local fail = require "r2.failure"
local json = require "r2.json"
local objects = require "r2.command.objects"
local options = require "r2.command.options"

-- The rule that is this command's, among those of others.
local ID = "r2creds-uploads"

-- What uploads in parts send, and read. R2 wants each header named.
local RULE = {
  allowed_methods = { "PUT", "POST", "DELETE" },
  allowed_headers = { "authorization", "content-type", "if-none-match", "x-amz-content-sha256",
    "x-amz-date", "x-amz-security-token" },
  expose_headers = { "ETag" },
  max_age_seconds = 3600,
}

local function rule_for(origins)
  local rule = { id = ID, allowed_origins = origins }
  for name, value in pairs(RULE) do
    rule[name] = value
  end
  return rule
end

local function others(rules)
  local list = {}
  for _, rule in ipairs(rules) do
    list[#list + 1] = rule.id ~= ID and rule or nil
  end
  return list
end

local function shown(rules)
  local lines = {}
  for i, rule in ipairs(rules) do
    lines[i] = json.object {
      { "id", rule.id }, { "allowed_origins", rule.allowed_origins },
      { "allowed_methods", rule.allowed_methods }, { "allowed_headers", rule.allowed_headers },
      { "expose_headers", rule.expose_headers }, { "max_age_seconds", rule.max_age_seconds },
    } .. "\n"
  end
  return table.concat(lines)
end

local function change(bucket, given)
  local rules, message, err = bucket:cors()
  if not rules then
    return nil, message, err
  elseif not given.origins and not given.delete then
    return shown(rules), not rules[1] and "no page may: there is no rule" or nil
  end
  local list = others(rules)
  local good
  if given.origins then
    list[#list + 1] = rule_for(given.origins)
  end
  if list[1] then
    good, message, err = bucket:set_cors(list)
  else
    good, message, err = bucket:delete_cors()
  end
  if not good then
    return nil, message, err
  end
  return "", "R2 goes by it in half a minute"
end

local function is_origin(word)
  return word:find("^https?://[%w%-._%[%]:]+$") ~= nil
end

local function run(given)
  if given.origins and given.delete then
    return fail("invalid_request", "delete", "goes without --origin")
  end
  return objects.with_bucket(given, {
    bucket = given.bucket, permission = (given.origins or given.delete) and "admin-read-write"
      or "admin-read-only",
  }, function(bucket)
    return change(bucket, given)
  end)
end

return {
  name = "cors",
  summary = "Say which pages may upload.",
  description = "Says which pages may upload to a bucket from a browser, or prints who may. Rules "
    .. "of others stay as they are. It takes an admin credential, which the parent must be good "
    .. "for.",
  arguments = { { name = "bucket", field = "bucket", about = "The bucket." } },
  options = options.all({
    {
      name = "--origin", value = "ORIGIN", field = "origins", repeated = true,
      about = "A page's origin, https://app.example.com for one. May be repeated.",
      convert = function(word) return is_origin(word) and word or nil end,
      must = "takes an origin, as https://app.example.com: no path, no slash at its end",
    },
    { name = "--delete", field = "delete", about = "Take the rule of this command away." },
  }, options.ISSUER),
  help = options.KEYS_HELP .. [[


Examples:
    r2creds cors my-bucket
    r2creds cors my-bucket --origin https://app.example.com]],
  run = run,
}
