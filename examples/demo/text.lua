-- How the demo shows a request, and the credential that came of it.
local r2 = require "r2"

local text = {}

local WIDTH = 100

--- Ends the demo.
function text.fail(message)
  io.stderr:write("demo: ", message, "\n")
  os.exit(1)
end

--- Whether all is to be shown: VERBOSE is set, to anything but 0.
function text.verbose()
  local value = os.getenv("VERBOSE") or ""
  return value ~= "" and value ~= "0"
end

--- Prints pieces behind a label, and goes on below the first one where a line is full.
function text.show(label, pieces, between)
  local line = ("   %-20s"):format(label)
  local indent, empty = #line, true
  for _, piece in ipairs(pieces) do
    if not empty and #line + #between + #piece > WIDTH then
      print(line)
      line, empty = (" "):rep(indent), true
    end
    line, empty = line .. (empty and "" or between) .. piece, false
  end
  print(line)
end

local show = text.show

-- ---- the request ----

-- The lines of a function's body, moved to the left.
local function source_of(make)
  local info, lines, number = debug.getinfo(make, "S"), {}, 0
  for line in io.lines(info.source:sub(2)) do
    number = number + 1
    if number > info.linedefined and number < info.lastlinedefined then
      lines[#lines + 1] = line
    end
  end
  local indent = lines[1]:match("^ *")
  for i, line in ipairs(lines) do
    lines[i] = line:sub(#indent + 1)
  end
  lines[1] = lines[1]:gsub("^return ", "")
  return lines
end

--- A use's title, what it is for, and the source of `use.make`: what is shown is what runs.
function text.show_use(number, use)
  print(("\n%d. %s\n   %s\n"):format(number, use.title, use.text))
  for _, line in ipairs(source_of(use.make)) do
    print("      " .. line)
  end
  print()
end

-- ---- what a credential allows, by its own account ----

local SCOPES = {
  ["object-read-only"] = { "READ" },
  ["object-read-write"] = { "READ", "WRITE", "MULTIPART" },
}

local function operations(claims)
  if claims.actions then
    return claims.actions
  end
  local all, groups = {}, r2.actions()
  for _, group in ipairs(SCOPES[claims.scope]) do
    for _, action in ipairs(groups[group]) do
      all[#all + 1] = action
    end
  end
  return all
end

local function places(claims)
  local list = {}
  for _, prefix in ipairs(claims.paths and claims.paths.prefixPaths or {}) do
    list[#list + 1] = "every object below " .. prefix
  end
  for _, key in ipairs(claims.paths and claims.paths.objectPaths or {}) do
    list[#list + 1] = "the object " .. key
  end
  return #list > 0 and list or { "every object" }
end

local function duration(seconds)
  local minutes = math.floor(seconds / 60 + 0.5)
  if minutes % 60 ~= 0 then
    return ("%d minutes"):format(minutes)
  end
  return ("%d hour%s"):format(minutes / 60, minutes == 60 and "" or "s")
end

function text.show_limits(credentials, now)
  local claims = assert(r2.temp_credentials.inspect(credentials.session_token))
  show("allows", operations(claims), "  ")
  show("in bucket", { claims.bucket }, "")
  for i, place in ipairs(places(claims)) do
    show(i == 1 and "on" or "", { place }, "")
  end
  show("until", {
    os.date("!%Y-%m-%d %H:%M:%S UTC", credentials.expires_at),
    duration(credentials.expires_at - now) .. " from now",
  }, ", ")
end

-- ---- the credential ----

local function chunks(whole, size)
  local list = {}
  for from = 1, #whole, size do
    list[#list + 1] = whole:sub(from, from + size - 1)
  end
  return list
end

local function hidden(secret)
  return { ("(%d characters, not shown)"):format(#secret) }
end

local function beginning(secret)
  return { ("%s... (%d characters)"):format(secret:sub(1, 12), #secret) }
end

--- how: "full"; "short", with the beginning of each secret; or "hidden".
function text.show_credentials(credentials, how)
  local secret, token = credentials.secret_access_key, credentials.session_token
  local form = how == "short" and beginning or hidden
  if how ~= "short" then
    print()
    show("endpoint", { credentials.endpoint }, "")
    show("access_key_id", { credentials.access_key_id }, "")
  end
  show("secret_access_key", how == "full" and { secret } or form(secret), "")
  show("session_token", how == "full" and chunks(token, 76) or form(token), "")
end

return text
