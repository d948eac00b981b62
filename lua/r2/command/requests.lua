-- What a command takes that makes one credential: the fields of a request, or a pattern and its
-- arguments. What becomes of the credential is the command's affair.

local cache = require "r2.command.cache"
local keys = require "r2.command.keys"
local options = require "r2.command.options"
local patterns = require "r2.command.patterns"
local tc = require "r2.temp_credentials"

local requests = {}

local function permission_names()
  local names = {}
  for _, name in pairs(tc.permission) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

local PERMISSIONS = permission_names()

local PATHS = {
  {
    name = "--prefix", value = "PREFIX", field = "prefixes", repeated = true,
    about = "Open keys that begin so; end it with a slash. May be repeated.",
  },
  {
    name = "--object", value = "KEY", field = "objects", repeated = true,
    about = "Open exactly this key. May be repeated.",
  },
}

local LIFETIME = { options.lifetime("--ttl", "How long: 900, 15m, 12h, 7d; at most 7 days.") }

--- The fields of a request, as options.
requests.OPTIONS = options.all({
  { name = "--bucket", value = "NAME", field = "bucket", about = "The bucket." },
  {
    name = "--permission", value = "NAME", field = "permission", choices = PERMISSIONS,
    about = table.concat(PERMISSIONS, ", ") .. ".",
  },
  {
    name = "--action", value = "NAME", field = "actions", repeated = true,
    about = "One S3 operation, GetObject for instance, in place of a permission. May be repeated.",
  },
}, PATHS, {
  {
    name = "--parent-access-key-id", value = "ID", field = "parent_access_key_id",
    about = "Another parent key, through the API.",
  },
}, LIFETIME)

--- What makes a credential with an issuer and what was given, and uses it.
-- @tparam function create function(issuer, given) -> credentials
-- @tparam function use function(credentials, given) -> what the command returns
-- @treturn function of what was given
function requests.making(create, use)
  return function(given)
    local issuer, message, err = keys.issuer(given)
    if not issuer then
      return nil, message, err
    end
    local credentials
    if given.cache and not issuer:signs({}) then
      credentials, message, err = cache.get(given, function()
        return create(issuer, given)
      end)
    else
      credentials, message, err = create(issuer, given)
    end
    issuer:close()
    if not credentials then
      return nil, message, err
    end
    return use(credentials, given)
  end
end

--- Makes one of the fields of a request.
function requests.create(issuer, given)
  local request = {}
  for _, option in ipairs(requests.OPTIONS) do
    request[option.field] = given[option.field]
  end
  return issuer:create(request)
end

--- Each pattern as a command.
-- @tparam table more options
-- @tparam function use as for requests.making
-- @tparam function example function(pattern) -> a line
function requests.patterns(more, use, example)
  local commands = {}
  for i, pattern in ipairs(patterns) do
    commands[i] = {
      name = pattern.name, description = pattern.about, arguments = pattern.arguments,
      help = "Example:\n    " .. example(pattern),
      options = options.all(pattern.takes_paths and PATHS or {}, LIFETIME, more, options.ISSUER),
      run = requests.making(pattern.create, use),
    }
  end
  return commands
end

return requests
