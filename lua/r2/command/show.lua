-- Shows what a session token allows, and until when.

local tc = require "r2.temp_credentials"
local fail = require "r2.failure"
local json = require "r2.json"
local claims = require "r2.command.claims"
local text = require "r2.command.text"
local times = require "r2.command.times"

-- ---- as JSON ----

local function as_json(said, now, verified)
  local prefixes, objects = claims.paths(said)
  return json.object {
    { "verified", verified },
    { "bucket", said.bucket },
    { "permission", said.scope },
    { "actions", claims.actions(said) },
    { "prefixes", prefixes },
    { "objects", objects },
    { "issued_at", said.iat },
    { "expires_at", said.exp },
    { "expires_in", said.exp - now },
    { "account_id", said.sub },
    { "parent_access_key_id", said.iss },
    { "audience", said.aud },
  } .. "\n"
end

-- ---- for people ----

local NOT_KNOWN = "what R2 makes of that is not known"

local function places(said)
  local prefixes, objects = claims.paths(said)
  if not prefixes then
    return { "every object of the bucket" }
  end
  local lines = {}
  for _, prefix in ipairs(prefixes) do
    lines[#lines + 1] = "every object whose key begins with " .. prefix
  end
  for _, key in ipairs(objects) do
    lines[#lines + 1] = "the object " .. key
  end
  return #lines > 0 and lines or { "empty lists of paths: " .. NOT_KNOWN }
end

local WIDTH, INDENT = 96, 12

-- Words, as many to a line as fit.
local function wrapped(words)
  local lines = { "" }
  for _, word in ipairs(words) do
    local line = lines[#lines]
    if line ~= "" and #line + 2 + #word > WIDTH - INDENT then
      lines[#lines + 1] = word
    else
      lines[#lines] = line == "" and word or line .. "  " .. word
    end
  end
  return lines
end

-- What is said before the operations; nil where they speak for themselves.
local function about_allowed(scope, actions)
  if scope and actions then
    return "both the scope " .. scope .. " and these actions, and R2 refuses that (400 "
      .. "InvalidArgument):"
  elseif actions then
    return not next(actions) and "an empty list of actions: " .. NOT_KNOWN or nil
  elseif not scope then
    return "neither a scope nor actions, and R2 wants one of them"
  elseif not tc._scope_actions(scope) then
    return "the scope " .. scope .. ", which is not known"
  end
  return "what " .. scope .. " allows:"
end

local function allowed(said)
  local scope, actions = said.scope, said.actions
  local lines = { about_allowed(scope, actions) }
  for _, line in ipairs(wrapped(claims.actions(said) or {})) do
    lines[#lines + 1] = line ~= "" and line or nil
  end
  if not actions and tc._scope_actions(scope) and scope:find("^admin%-") then
    lines[#lines + 1] = "and the bucket's settings"
  end
  return lines
end

local function ending(expires_at, now)
  local left = expires_at - now
  return times.moment(expires_at) .. (left > 0 and ", " .. times.duration(left) .. " from now"
    or ", " .. times.duration(-left) .. " ago: it has expired")
end

local function as_text(said, now, verified)
  local output = {}
  local function add(label, lines)
    for i, line in ipairs(lines) do
      output[#output + 1] = ("%-" .. INDENT .. "s%s\n"):format(i == 1 and label or "",
        text.plain(line))
    end
  end
  add("bucket", { said.bucket })
  add("allows", allowed(said))
  add("on", places(said))
  add("issued", { times.moment(said.iat) })
  add("until", { ending(said.exp, now) })
  add("account", { said.sub })
  add("parent key", { said.iss })
  add("endpoint", { said.aud })
  add("verified", { verified and "yes: signature, times, account, parent key and endpoint"
    or "no: anybody can write such a token (r2creds verify)" })
  return table.concat(output)
end

--- Passes an error through; of claims it returns what is printed.
-- @tparam boolean with_json
-- @tparam boolean verified
-- @param said claims
return function(with_json, verified, said, message, err)
  if not said then
    return nil, message, err
  elseif not claims.are_good(said) then
    return fail("invalid_token", "session_token", "must hold claims of R2's form")
  end
  local output = (with_json and as_json or as_text)(said, os.time(), verified)
  if with_json and not text.is_utf8(output) then
    return fail("invalid_token", "session_token", "must hold claims in UTF-8")
  end
  return output
end
