-- What the credentials may do that put, get, ls and rm make for themselves: one action, on one
-- object or below one prefix. Told by the session tokens that reach the server.
local cjson = require "cjson"
local keys = require "spec.support.keys"
local server = require "spec.support.server"
local tc = require "r2.temp_credentials"
local r2creds = require "spec.command.r2creds"
local support = require "spec.project.support"

if not server.has_nginx() then
  pending("the server is nginx with its Lua module")
  return
end

-- Answers as if there were what is asked for, and notes the session tokens.
local HTTP = [[
  server {
    listen 127.0.0.1:@port@;
    location / {
      content_by_lua_block {
        ngx.req.read_body()
        local file = assert(io.open("@folder@/tokens", "a"))
        file:write(ngx.var.http_x_amz_security_token, "\n")
        file:close()
        ngx.header["etag"] = '"5d41402abc4b2a76b9719d911017c592"'
        ngx.header["content-length"] = 0
        if ngx.var.request_method == "GET" and ngx.var.arg_list_type == nil
          and not ngx.var.args then
          ngx.header["content-length"] = 5
          ngx.print("hello")
        elseif ngx.var.request_method == "DELETE" then
          ngx.header["content-length"] = nil
          ngx.exit(204)
        elseif ngx.var.args then
          local text = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
          ngx.header["content-length"] = #text
          ngx.print(text)
        end
      }
    }
  }
]]

local s3

setup(function()
  s3 = server.nginx { http = HTTP }
end)

teardown(server.stop_all)
teardown(support.remove_folders)

local COMMANDS = {
  put = { lines = "printf hello | r2creds put my-bucket in/a -", actions = { "PutObject" },
    objects = { "in/a" }, prefixes = {} },
  get = { lines = "r2creds get my-bucket in/a - >/dev/null", actions = { "GetObject" },
    objects = { "in/a" }, prefixes = {} },
  ls = { lines = "r2creds ls my-bucket in/", actions = { "ListObjectsV2" },
    objects = {}, prefixes = { "in/" } },
  ["put --recursive"] = {
    lines = "mkdir b && printf hello | tee b/c >a && r2creds put my-bucket in/ b a --recursive",
    actions = { "PutObject" }, objects = {}, prefixes = { "in/" } },
  ["get --recursive"] = { lines = "r2creds get my-bucket in/ got --recursive 2>note",
    actions = { "ListObjectsV2", "GetObject", "HeadObject" }, objects = {}, prefixes = { "in/" } },
  ["rm --recursive"] = { lines = "r2creds rm my-bucket in/ on/ --recursive --yes 2>note",
    actions = { "ListObjectsV2", "DeleteObject", "DeleteObjects" }, objects = {},
    prefixes = { "in/", "on/" } },
  rm = { lines = "r2creds rm my-bucket in/a", actions = { "DeleteObject" },
    objects = { "in/a" }, prefixes = {} },
}

for name, expected in pairs(COMMANDS) do
  it("r2creds " .. name .. " has a credential for that alone, for 15 minutes", function()
    os.remove(s3.path("tokens"))
    r2creds.output_of(expected.lines, {
      CLOUDFLARE_ACCOUNT_ID = keys.account_id, R2_ACCESS_KEY_ID = keys.parent_access_key_id,
      R2_SECRET_ACCESS_KEY = keys.parent_secret_access_key, R2_ENDPOINT = s3.url,
    })
    local tokens = support.lines(s3.read("tokens"))
    assert.is_true(#tokens > 0)
    for _, token in ipairs(tokens) do
      local claims = assert(tc.inspect(token))
      assert.same(expected.actions, claims.actions, cjson.encode(claims))
      assert.is_nil(claims.scope)
      assert.equal("my-bucket", claims.bucket)
      assert.same(expected.objects, claims.paths.objectPaths)
      assert.same(expected.prefixes, claims.paths.prefixPaths)
      assert.equal(900, claims.exp - claims.iat)
    end
  end)
end
