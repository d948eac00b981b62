-- A table that hides what it seems to hold, where there is a debug library to look behind its
-- metatable's decoy, and where there is none. An option that goes unseen opens a whole bucket.
local make = require "spec.support.make"
local refused = require "spec.support.refused"
local values = require "spec.support.values"

-- Takes the library's Lua files out of package.loaded and hands them back; the C module stays.
local function unload()
  local files = {}
  for name, module in pairs(package.loaded) do
    if name == "r2" or name:find("^r2%.") and name ~= "r2.temp_credentials" then
      files[name] = module
    end
  end
  for name in pairs(files) do
    package.loaded[name] = nil
  end
  return files
end

-- Loads the library as a program without the debug library would.
local function load_without_debug()
  local files, debug_library = unload(), debug
  rawset(_G, "debug", nil)
  package.loaded.debug = nil
  local ok, module = pcall(require, "r2")
  rawset(_G, "debug", debug_library)
  package.loaded.debug = debug_library
  unload()
  for name, file in pairs(files) do
    package.loaded[name] = file
  end
  return assert(ok and module, module)
end

local libraries = {
  ["with the debug library"] = function() return require "r2" end,
  ["without the debug library"] = load_without_debug,
}

for name, load_library in values.sorted(libraries) do
  describe("A disguised table, " .. name .. ",", function()
    local r2, issuer

    setup(function()
      r2 = load_library()
      issuer = assert(r2.new(make.config { clock = function() return make.NOW end }))
    end)

    local doors = {
      ["the configuration"] = {
        kind = "invalid_config", table = function() return make.config() end,
        call = function(config) return r2.new(config) end,
      },
      ["options of from_env"] = {
        kind = "invalid_config", table = function() return make.config() end,
        call = function(options) return r2.from_env(options) end,
      },
      ["the request"] = {
        kind = "invalid_request", table = function() return make.request() end,
        call = function(request) return issuer:create(request) end,
      },
      ["options of upload_credentials"] = {
        kind = "invalid_request",
        table = function() return { prefixes = { "incoming/" } } end,
        call = function(options) return issuer:upload_credentials("my-bucket", options) end,
      },
      ["options of client_upload_credentials"] = {
        kind = "invalid_request", table = function() return { ttl_seconds = 60 } end,
        call = function(options)
          return issuer:client_upload_credentials("user-1", "my-bucket", options)
        end,
      },
      ["options of download_credentials"] = {
        kind = "invalid_request", table = function() return { ttl_seconds = 60 } end,
        call = function(options)
          return issuer:download_credentials("my-bucket", { "a" }, options)
        end,
      },
      ["options of service_credentials"] = {
        kind = "invalid_request", table = function() return { ttl_seconds = 60 } end,
        call = function(options)
          return issuer:service_credentials("my-bucket", "a/", options)
        end,
      },
    }

    for door_name, door in values.sorted(doors) do
      for disguise_name, disguise in values.sorted(values.disguises) do
        it("is refused as " .. door_name .. ": " .. disguise_name, function()
          refused({ kind = door.kind, says = { "metatable" } }, function()
            return door.call(disguise(door.table()))
          end)
        end)
      end

      it("is not what " .. door_name .. " without a metatable is", function()
        assert(door.call(door.table()))
      end)
    end
  end)
end

describe("Options with a harmless metatable", function()
  local function upload(r2, metatable)
    local options = setmetatable({ objects = { "a" } }, metatable)
    return assert(r2.new(make.config())):upload_credentials("my-bucket", options)
  end

  for name, metatable in values.sorted(values.harmless) do
    it("are taken when it can be seen that they are: " .. name, function()
      assert(upload(require "r2", metatable))
    end)

    it("are refused when that cannot be seen: " .. name, function()
      refused({ kind = "invalid_request", says = { "metatable" } }, function()
        return upload(load_without_debug(), metatable)
      end)
    end)
  end
end)
