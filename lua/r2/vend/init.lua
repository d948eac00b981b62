--- Credentials handed out over HTTP by nginx: to AWS SDKs, or to pages.
-- @module r2.vend

local config = require "r2.vend.config"
local pages = require "r2.vend.pages"
local sdks = require "r2.vend.sdks"

--- Makes a handler for a location of nginx: `content_by_lua_block { handler() }`. One location
-- serves one of two. **SDKs**: `request` is a table; GET with the token in Authorization, as AWS
-- SDKs send it where AWS_CONTAINER_CREDENTIALS_FULL_URI leads there; they get a credential with 16
-- minutes left at least, as long as one can be had. **Pages**: `request` is a function; POST of
-- JSON from an origin on the list. Nothing is made for whoever is refused.
-- @function vend
-- @tparam table configuration
--   issuer required; request required: as for issuer:create, ttl_seconds 1200 to 604800, default
--   3600; or a function(user, body) that returns one, or nil where there is none for them;
--   shared: ngx.shared.NAME, see r2.provider;
--   audit: a function that gets { who, what, expires_at, fingerprint } of each credential that is
--   made; when it raises, the credential is not handed out;
--   for SDKs: token, or token_file, the path of a file with it, read at each request: 16 visible
--   ASCII characters at least; name, who they are in the audit;
--   for pages: origins, a list; user, a function that returns who asks, a string, or nil;
--   providers_max, how many users' credentials are kept where the API makes them, default 1000;
--   clock a function that returns Unix seconds; random a function that returns 0 to 1
-- @treturn function
-- @return nil, message, err with err.kind invalid_config, invalid_request, unsupported
-- @raise when the configuration is no table
return function(configuration)
  if type(configuration) ~= "table" then
    error(("bad argument #1 to 'vend' (table expected, got %s)"):format(type(configuration)), 2)
  end
  local given, message, err = config.read(configuration)
  if not given then
    return nil, message, err
  elseif given.allowed then
    return pages.new(given)
  end
  return sdks.new(given)
end
