-- r2creds inspect and r2creds verify: what a session token allows.

local clock = require "r2.clock"
local tc = require "r2.temp_credentials"
local fail = require "r2.failure"
local json = require "r2.json"
local files = require "r2.command.files"
local keys = require "r2.command.keys"
local text = require "r2.command.text"

local token = {}

local function decoded(escaped)
  return (escaped:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

-- What stands before a session token in what `r2creds mint`, other programs that print credentials
-- and `r2creds presign` print; what it consists of there; and how it is written.
local PLACES = {
  { '"[sS]essionToken"%s*:%s*"', '^[^"]*' },
  { '"session_token"%s*:%s*"', '^[^"]*' },
  { '"Token"%s*:%s*"', '^[^"]*' },
  { "_SESSION_TOKEN='", "^[^']*" },
  { '_SESSION_TOKEN="', '^[^"]*' },
  { "_SESSION_TOKEN=", "^[^%s;]*" },
  { "X%-Amz%-Security%-Token=", "^[^%s&#\"']*", decoded },
}

-- Takes the first of each place, so that the time stays in proportion to the length.
local function token_in(content)
  for _, place in ipairs(PLACES) do
    local _, before = content:find(place[1])
    if before then
      local found = content:match(place[2], before + 1):gsub("\\/", "/")
      return place[3] and place[3](found) or found
    end
  end
  return text.trim(content)
end

-- ---- claims ----

local function is_list(value)
  if type(value) ~= "table" then
    return false
  end
  local count = 0
  for _, item in next, value do
    count = count + 1
    if type(item) ~= "string" then
      return false
    end
  end
  return count == #value
end

local TTL_MAX = 604800 -- seconds

local function is_time(value)
  return type(value) == "number" and value >= 0 and value <= clock.LAST_SECOND + TTL_MAX
    and value % 1 == 0
end

-- Nothing is known of a token that was only read: its claims may be anything.
local function is_ours(claims)
  local paths = claims.paths
  return type(claims.bucket) == "string" and type(claims.sub) == "string"
    and type(claims.iss) == "string" and type(claims.aud) == "string"
    and is_time(claims.iat) and is_time(claims.exp)
    and (claims.scope == nil or type(claims.scope) == "string")
    and (claims.actions == nil or is_list(claims.actions))
    and (paths == nil
      or type(paths) == "table" and is_list(paths.prefixPaths) and is_list(paths.objectPaths))
end

local SCOPES = {
  ["object-read-only"] = { "READ" },
  ["object-read-write"] = { "READ", "WRITE", "MULTIPART" },
  ["admin-read-only"] = { "READ" },
  ["admin-read-write"] = { "READ", "WRITE", "MULTIPART" },
}

-- The operations on objects that claims allow; nil for a scope that is not known.
local function actions_of(claims)
  if claims.actions then
    return claims.actions
  elseif not SCOPES[claims.scope] then
    return nil
  end
  local names, groups = {}, tc.actions()
  for _, group in ipairs(SCOPES[claims.scope]) do
    for _, name in ipairs(groups[group]) do
      names[#names + 1] = name
    end
  end
  return names
end

-- ---- printing ----

local function show_json(claims, now, verified)
  local paths = claims.paths or {}
  return json.object {
    { "verified", verified },
    { "bucket", claims.bucket },
    { "permission", claims.scope },
    { "actions", actions_of(claims) },
    { "prefixes", paths.prefixPaths },
    { "objects", paths.objectPaths },
    { "issued_at", claims.iat },
    { "expires_at", claims.exp },
    { "expires_in", claims.exp - now },
    { "account_id", claims.sub },
    { "parent_access_key_id", claims.iss },
    { "audience", claims.aud },
  } .. "\n"
end

local NOT_KNOWN = "what R2 makes of that is not known"

local function places_of(claims)
  if not claims.paths then
    return { "every object of the bucket" }
  end
  local places = {}
  for _, prefix in ipairs(claims.paths.prefixPaths) do
    places[#places + 1] = "every object whose key begins with " .. prefix
  end
  for _, key in ipairs(claims.paths.objectPaths) do
    places[#places + 1] = "the object " .. key
  end
  return #places > 0 and places or { "empty lists of paths: " .. NOT_KNOWN }
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
local function about_allowed(claims)
  local scope, actions = claims.scope, claims.actions
  if scope and actions then
    return "both the scope " .. scope .. " and these actions: " .. NOT_KNOWN
  elseif actions then
    return not next(actions) and "an empty list of actions: " .. NOT_KNOWN or nil
  elseif not scope then
    return "neither a scope nor actions: " .. NOT_KNOWN
  elseif not SCOPES[scope] then
    return "the scope " .. scope .. ", which is not known"
  end
  return "what " .. scope .. " allows:"
end

local function allowed(claims)
  local lines = { about_allowed(claims) }
  for _, line in ipairs(wrapped(actions_of(claims) or {})) do
    lines[#lines + 1] = line ~= "" and line or nil
  end
  if SCOPES[claims.scope] and claims.scope:find("^admin%-") then
    lines[#lines + 1] = "and the bucket's settings"
  end
  return lines
end

local function ending(expires_at, now)
  local left = expires_at - now
  return text.moment(expires_at) .. (left > 0 and ", " .. text.duration(left) .. " from now"
    or ", " .. text.duration(-left) .. " ago: it has expired")
end

local function show(claims, now, verified)
  local output = {}
  local function add(label, lines)
    for i, line in ipairs(lines) do
      output[#output + 1] = ("%-" .. INDENT .. "s%s\n"):format(i == 1 and label or "",
        text.plain(line))
    end
  end
  add("bucket", { claims.bucket })
  add("allows", allowed(claims))
  add("on", places_of(claims))
  add("issued", { text.moment(claims.iat) })
  add("until", { ending(claims.exp, now) })
  add("account", { claims.sub })
  add("parent key", { claims.iss })
  add("endpoint", { claims.aud })
  add("verified", { verified and "yes: signature, times, account, parent key and endpoint"
    or "no: anybody can write such a token (r2creds verify)" })
  return table.concat(output)
end

local function print_claims(arguments, verified, claims, message, err)
  if not claims then
    return nil, message, err
  elseif not is_ours(claims) then
    return fail("invalid_token", "session_token", "must hold claims of R2's form")
  end
  local output = (arguments.json and show_json or show)(claims, os.time(), verified)
  if arguments.json and not text.is_utf8(output) then
    return fail("invalid_token", "session_token", "must hold claims in UTF-8")
  end
  return output
end

function token.inspect(arguments)
  local content, message, err = files.read(arguments.file)
  if not content then
    return nil, message, err
  end
  return print_claims(arguments, false, tc.inspect(token_in(content)))
end

local function is_standard_input(path)
  return path == nil or path == "-"
end

function token.verify(arguments)
  if arguments.env_file == "-" and is_standard_input(arguments.file) then
    return fail("invalid_request", nil,
      "standard input cannot be both: name a file for the keys or for the token")
  end
  local client, message, err = keys.client(arguments)
  if not client then
    return nil, message, err
  end
  local content
  content, message, err = files.read(arguments.file)
  if not content then
    return nil, message, err
  end
  return print_claims(arguments, true, client:verify(token_in(content)))
end

return token
