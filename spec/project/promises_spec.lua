-- What README.md, the pages in docs/, types/r2.lua, CHANGELOG.md, CONTRIBUTING.md and the rock spec
-- say, compared with what the code does. Lists are compared both ways: nothing is left out, nothing
-- is made up.

local r2 = require "r2"
local tc = require "r2.temp_credentials"
local export = r2.export -- from here on it is a field of r2
local support = require "spec.project.support"
local make = require "spec.support.make"

local PAGES = support.lines(support.run("ls README.md CONTRIBUTING.md docs/*.md"))
-- The README, and the pages that hold what would make it long.
local README = support.read("README.md") .. "\n" .. support.read("docs/reference.md") .. "\n"
    .. support.read("docs/c-module.md") .. "\n" .. support.read("docs/signatures.md") .. "\n"
    .. support.read("docs/http.md")

-- Modules that r2 has once they are used.
local sigv4, http = r2.sigv4, r2.http

local TYPES = support.read("types/r2.lua")
local CONTRIBUTING = support.read("CONTRIBUTING.md")

-- ---- lists ----

local function sorted(list)
    table.sort(list)
    return list
end

-- All but what is private: the library's own names begin with an underscore, then in lower case.
local function keys_of(t)
    local names = {}
    for name in pairs(t) do
        names[#names + 1] = not tostring(name):find("^_%l") and name or nil
    end
    return sorted(names)
end

local function matches_in(text, pattern)
    local seen = {}
    for match in text:gmatch(pattern) do
        seen[match] = true
    end
    return keys_of(seen)
end

local function without(list, unwanted)
    local kept = {}
    for _, name in ipairs(list) do
        if not unwanted[name] then
            kept[#kept + 1] = name
        end
    end
    return kept
end

-- ---- what the code knows ----

local issuer = make.issuer()
local client = make.client { api_token = require("spec.support.keys").api_token }
local ISSUER_METHODS = debug.getmetatable(issuer).__index
local ISSUER = keys_of(ISSUER_METHODS)
local CLIENT = keys_of(debug.getmetatable(client).__index)
local HTTP = assert(http.new())
local EXCHANGE = assert(HTTP:start { method = "GET", url = "http://127.0.0.1:1/" })

-- The fields that a call knows, out of its refusal of one that is not known.
local function known_fields(call)
    local _, message = call { not_a_field = true }
    local names = assert(message:match("known are: (.*)$"), message)
    return sorted(matches_in(names, "[%l_]+"))
end

local FIELDS = {
    configuration = known_fields(r2.new),
    client = known_fields(tc.new),
    request = known_fields(function(request)
        return issuer:create(request)
    end),
}

-- The options of each pattern.
local PATTERNS = {
    upload_credentials = function(options)
        return issuer:upload_credentials("my-bucket", options)
    end,
    client_upload_credentials = function(options)
        return issuer:client_upload_credentials("user", "my-bucket", options)
    end,
    download_credentials = function(options)
        return issuer:download_credentials("my-bucket", { "a" }, options)
    end,
    service_credentials = function(options)
        return issuer:service_credentials("my-bucket", "a/", options)
    end,
}

local function claims_of(changes)
    local credentials = assert(client:sign(make.request(changes), make.NOW))
    return assert(tc.inspect(credentials.session_token))
end

-- What the API may say went wrong, and every field that an error can have.
local _, _, ANSWERED = client:response(429,
    { ["cf-ray"] = "8f2a6c1d3b5e7a90", ["retry-after"] = "1" },
    '{"errors":[{"code":1,"message":"m"}]}', make.NOW, make.request())

local function error_fields()
    local _, _, refusal = issuer:create(make.request { prefixes = { 1 } })
    local asks = assert(r2.new(make.api_config {
        transport = {
            perform = function() return nil, "none", { kind = "network", message = "none" } end,
            sleep = function() end,
        },
    }))
    local _, _, asked = asks:create(make.request())
    local _, _, unset = r2.from_env { endpoint = "https://s3.example.com" }
    return keys_of(make.changed(make.changed(make.changed(refusal, ANSWERED), asked), unset))
end

-- ---- what the texts say ----

-- The part of the README below a heading, up to the next one.
local function section(heading)
    local start = assert(README:find("\n#+ " .. heading:gsub("%p", "%%%0") .. "\n"), heading)
    return README:sub(start + 1):match("^[^\n]*\n(.-)\n##?#? ") or README:sub(start)
end

-- The rows of the tables in a section, without their heads: lists of cells.
local function rows(heading)
    local result, body = {}, false
    for line in section(heading):gmatch("[^\n]*") do
        if not line:find("^|") then
            body = false
        elseif line:find("^|%-%-%-") then
            body = true
        elseif body then
            local cells = {}
            for cell in line:gmatch("|%s*([^|]-)%s*%f[|]") do
                cells[#cells + 1] = cell
            end
            result[#result + 1] = cells
        end
    end
    assert(#result > 0, "no table below " .. heading)
    return result
end

-- The names in backquotes in one column.
local function names_in(table_rows, column)
    local names = {}
    for _, cells in ipairs(table_rows) do
        for name in cells[column]:gmatch("`([^`]+)`") do
            names[#names + 1] = name
        end
    end
    return sorted(names)
end

local function row_of(table_rows, name)
    for _, cells in ipairs(table_rows) do
        if cells[1]:find("`" .. name, 1, true) == 1 then
            return cells
        end
    end
    error("no row of " .. name)
end

-- A class of types/r2.lua: the names of its fields, its parents' among them.
local function class(name)
    local fields, inside, found = {}, false, false
    for line in TYPES:gmatch("[^\n]*") do
        local class_name, parents = line:match("^%-%-%-@class ([%w.]+)(.*)$")
        if not class_name then
            class_name, parents = line:match("^%-%-%-@class %(exact%) ([%w.]+)(.*)$")
        end
        inside = class_name == name or inside and line:find("^%-%-%-") ~= nil and not class_name
        found = found or inside
        for parent in (class_name == name and parents or ""):gmatch("r2%.%u%w+") do
            table.move(class(parent), 1, 100, #fields + 1, fields)
        end
        fields[#fields + 1] = inside and line:match("^%-%-%-@field ([%w_]+)") or nil
    end
    assert(found, name)
    return sorted(fields)
end

local function alias(name)
    local body = TYPES:match("\n%-%-%-@alias " .. name:gsub("%.", "%%.") .. "\n(.-)\n\n")
    return matches_in(assert(body, name), '| "([^"]+)"')
end

-- The functions that types/r2.lua declares on a table: name -> parameters.
local function declared(owner)
    local functions = {}
    for name, parameters in TYPES:gmatch("\nfunction " .. owner .. "[.:]([%w_]+)%(([^)]*)%)") do
        functions[name] = parameters
    end
    return functions
end

-- ---- the promises ----

describe("Every public name", function()
    local function functions_of(t)
        local names = {}
        for name, value in pairs(t) do
            if type(value) == "function" and not name:find("^_%l") then
                names[#names + 1] = name
            end
        end
        return sorted(names)
    end

    local function others_of(t)
        local is_function = {}
        for _, name in ipairs(functions_of(t)) do
            is_function[name] = true
        end
        return without(keys_of(t), is_function)
    end

    for owner, case in pairs {
        r2 = { functions = functions_of(r2), others = others_of(r2), class = "r2",
            says = function(name) return "%f[%w]r2%." .. name .. "%f[^%w_]" end },
        Issuer = { functions = ISSUER, others = {}, class = "r2.Issuer",
            says = function(name) return "%f[%w]issuer:" .. name .. "%f[^%w_]" end },
        sigv4 = { functions = functions_of(sigv4), others = others_of(sigv4), class = "r2.SigV4",
            says = function(name) return "`sigv4%." .. name .. "%f[^%w_]" end,
            section = "Functions of r2.sigv4" },
        http = { functions = functions_of(http), others = {}, class = "r2.HttpModule",
            says = function(name) return "`http%." .. name .. "%f[^%w_]" end },
        Http = { functions = keys_of(getmetatable(HTTP).__index), others = {}, class = "r2.Http",
            says = function(name) return "`h:" .. name .. "%f[^%w_]" end },
        Exchange = { functions = keys_of(getmetatable(EXCHANGE).__index), others = {},
            class = "r2.HttpExchange",
            says = function(name) return "`exchange:" .. name .. "%f[^%w_]" end },
        export = { functions = functions_of(export), others = {}, class = "r2.Export",
            says = function(name) return "%f[%w]r2%.export%." .. name .. "%f[^%w_]" end },
        tc = { functions = functions_of(tc), others = others_of(tc), class = "r2.TempCredentials",
            says = function(name) return "`" .. name .. "`" end, section = "The C module" },
        Client = { functions = CLIENT, others = {}, class = "r2.Client",
            says = function(name) return "%f[%w]client:" .. name .. "%f[^%w_]" end },
    } do
        it("of " .. owner .. " is in the README", function()
            local text = case.section and section(case.section) or README
            for _, list in ipairs { case.functions, case.others } do
                for _, name in ipairs(list) do
                    assert.is_truthy(text:find(case.says(name)), owner .. ": " .. name)
                end
            end
        end)

        it("of " .. owner .. " is in the types, and no other", function()
            assert.same(case.functions, keys_of(declared(owner)))
            assert.same(case.others, class(case.class))
        end)
    end

    it("has in the types the parameters that it has in Lua", function()
        local function parameters(f)
            local names = {}
            for i = 1, debug.getinfo(f, "u").nparams do
                names[i] = debug.getlocal(f, i)
            end
            return names
        end
        local checked = 0
        for owner, t in pairs { r2 = r2, Issuer = ISSUER_METHODS } do
            for name, typed in pairs(declared(owner)) do
                if debug.getinfo(t[name], "S").what == "Lua" then
                    local names = parameters(t[name])
                    if owner == "Issuer" then
                        assert.equal("self", table.remove(names, 1))
                    end
                    assert.equal(table.concat(names, ", "), typed, owner .. ": " .. name)
                    checked = checked + 1
                end
            end
        end
        assert.is_true(checked >= 8)
    end)

    it("is described with every parameter", function()
        local described = {}
        for line in TYPES:gmatch("[^\n]*") do
            local name, parameters = line:match("^function ([%w.:_]+)%(([^)]*)%)")
            if name then
                assert.equal(parameters, table.concat(described, ", "), name)
            end
            if not line:find("^%-%-%-") then
                described = {}
            end
            described[#described + 1] = line:match("^%-%-%-@param ([%w_]+)%?? ")
        end
    end)

    it("of a permission is in the README with its string, and in the types", function()
        assert.same(keys_of(r2.permission), class("r2.Permissions"))
        local wire = {}
        for constant, text in pairs(r2.permission) do
            wire[#wire + 1] = text
            local example = ('r2.permission.%s) *-- "%s"'):format(constant, text)
            example = example:gsub("[().-]", "%%%0")
            assert.is_truthy(section("Permissions"):find(example), constant)
            local typed = ('@field %s "%s"'):format(constant, text)
            assert.is_truthy(TYPES:find(typed, 1, true), constant)
        end
        assert.same(sorted(wire), alias("r2.PermissionName"))
        local granted = {}
        for _, cells in ipairs(rows("Keys and permissions")) do
            for name in cells[1]:gmatch("`([%l-]+)`") do
                granted[#granted + 1] = name
            end
        end
        assert.same(wire, sorted(granted))
    end)

    it("of an action is in the README's list of its kind, and in the types", function()
        local actions = r2.actions()
        assert.same(keys_of(actions), class("r2.Actions"))
        assert.same(sorted(r2.actions().ALL), alias("r2.ActionName"))
        local documented = rows("Actions by name")
        assert.same(keys_of(actions), names_in(documented, 1))
        for group, names in pairs(actions) do
            if group ~= "ALL" then
                assert.same(sorted(names), names_in({ row_of(documented, group) }, 2), group)
            end
        end
    end)
end)

describe("Every field", function()
    it("of the configuration is in the README and in the types", function()
        assert.same(FIELDS.configuration, names_in(rows("Configuration"), 1))
        assert.same(FIELDS.configuration, class("r2.Configuration"))
        assert.same(FIELDS.configuration, class("r2.EnvironmentOptions"))
    end)

    it("that the C module takes stands before the last seven of the table", function()
        local table_rows = rows("Configuration")
        assert.is_truthy(section("Configuration"):find("all but the last seven", 1, true))
        assert.same(FIELDS.client, names_in({ table.unpack(table_rows, 1, #table_rows - 7) }, 1))
        assert.same(FIELDS.client, class("r2.ClientConfiguration"))
    end)

    it("of a request is in the README and in the types", function()
        assert.same(FIELDS.request, names_in(rows("Request"), 1))
        assert.same(FIELDS.request, class("r2.Request"))
    end)

    it("of what is signed is in the types", function()
        local url = "https://s3.example.com/b/k"
        local key = { access_key_id = "id", secret_access_key = "secret" }
        local get = { method = "GET", url = url }
        for name, call in pairs {
            ["r2.RequestToSign"] = function(t) return sigv4.sign(t, key) end,
            ["r2.SigningCredentials"] = function(t) return sigv4.sign(get, t) end,
            ["r2.SignOptions"] = function(t) return sigv4.sign(get, key, t) end,
            ["r2.PresignOptions"] = function(t) return sigv4.presign(get, key, t) end,
        } do
            assert.same(known_fields(call), class(name))
        end
    end)

    it("of a credential is in the README and in the types", function()
        local fields = keys_of(assert(client:sign(make.request())))
        assert.same(fields, names_in(rows("Credentials"), 1))
        assert.same(fields, class("r2.Credentials"))
    end)

    it("of claims is in the README and in the types", function()
        local fields = keys_of(make.changed(
            claims_of(), claims_of { permission = make.ABSENT, actions = { "GetObject" } }))
        assert.same(fields, names_in(rows("The C module"), 1))
        assert.same(fields, class("r2.Claims"))
    end)

    it("of an error is in the README and in the types", function()
        local errors
        for _, cells in ipairs(rows("Errors")) do
            if cells[1] == "`kind`" then
                errors = {}
            end
            if errors then
                errors[#errors + 1] = cells
            end
        end
        assert.same(error_fields(), names_in(errors, 1))
        assert.same(error_fields(), class("r2.Error"))
    end)

    it("of what the API says is in the types", function()
        assert.same(keys_of(ANSWERED.errors[1]), class("r2.ApiError"))
    end)

    it("of a request to the API is in the types", function()
        assert.same(keys_of(assert(client:request(make.request()))), class("r2.HttpRequest"))
    end)

    it("of a transport is in the README and in the types", function()
        local _, message = r2.new(make.config { transport = {} })
        local names = matches_in(message:match(" functions (.*)$"), "%f[%l]([%l]+)%f[^%l]")
        names = without(names, { ["and"] = true })
        assert.same(names, names_in({ row_of(rows("Configuration"), "transport") }, 2))
        assert.same(names, class("r2.Transport"))
    end)

    it("has the range that the README says", function()
        local checked = 0
        for heading, call in pairs {
            Configuration = function(field)
                return r2.new(make.config { [field] = -1 })
            end,
            Request = function(field)
                return issuer:create(make.request { [field] = -1 })
            end,
        } do
            for _, cells in ipairs(rows(heading)) do
                local low, high = cells[2]:match("^whole number, (%d+) to (%d+)$")
                if low then
                    local _, message = call(cells[1]:match("`(.-)`"))
                    local range = ("from %s to %s"):format(low, high)
                    assert.is_truthy(message:find(range, 1, true), message)
                    checked = checked + 1
                end
            end
        end
        assert.equal(3, checked)
    end)

    it("max_token_bytes has the default that the README says", function()
        local many = {}
        for i = 1, 2000 do
            many[i] = ("k%d"):format(i)
        end
        local _, message = issuer:create(make.request { prefixes = many })
        assert.equal(row_of(rows("Configuration"), "max_token_bytes")[3],
            message:match("max_token_bytes %((%d+)%)"))
        assert.is_truthy(section("Paths"):find("`max_token_bytes` (8000)", 1, true))
    end)
end)

describe("Every pattern", function()
    local SHORT = {
        ["object-write-only"] = "write-only", ["object-read-only"] = "read-only",
        ["object-read-write"] = "read-write",
    }

    it("is in the README's table", function()
        local names = {}
        for _, cells in ipairs(rows("Patterns")) do
            names[#names + 1] = cells[1]:match("^`([%l_]+)%(")
        end
        assert.same(keys_of(PATTERNS), sorted(names))
        assert.same(without(ISSUER,
            { create = true, start = true, signs = true, close = true }), names)
    end)

    for name, call in pairs(PATTERNS) do
        it(name .. " sets there what it sets", function()
            local cells = row_of(rows("Patterns"), name .. "(")
            local credentials = assert(call())
            local claims = assert(tc.inspect(credentials.session_token))
            assert.equal(cells[2], SHORT[claims.scope or "object-write-only"])
            assert.equal(cells[4], ("%d"):format(credentials.expires_at - make.NOW))
            assert.same(known_fields(call), names_in({ cells }, 5))
            assert.same(known_fields(call),
                class(name == "upload_credentials" and "r2.UploadOptions" or "r2.Options"))
        end)
    end
end)

describe("Every kind of error", function()
    it("is in the README and in the types", function()
        local kinds = {}
        for _, cells in ipairs(rows("Errors")) do
            if cells[1] == "`kind`" then
                break
            end
            kinds[#kinds + 1] = cells[1]:match("^`([%l_]+)`$")
        end
        local in_code = keys_of(tc._kinds)
        assert.is_true(#in_code >= 8)
        assert.same(in_code, sorted(kinds))
        assert.same(in_code, alias("r2.ErrorKind"))
    end)
end)

describe("Every environment variable", function()
    it("that is read is in the README and in the types", function()
        local getenv, asked = os.getenv, {}
        os.getenv = function(name) -- luacheck: ignore
            asked[name] = true
        end
        local ok = pcall(r2.from_env)
        os.getenv = getenv -- luacheck: ignore
        assert.is_true(ok)
        assert.same(keys_of(asked),
            matches_in(section("Keys and permissions"), "`([%u%d]+_[%u%d_]+)`"))
        assert.same(keys_of(asked), matches_in(TYPES, "else ([%u%d_]+)\n"))
    end)
end)

describe("The version", function()
    local version = r2._VERSION

    it("is the same in Lua, in C and at the top of the CHANGELOG", function()
        assert.equal(version, tc._VERSION)
        assert.equal(version, support.read("CHANGELOG.md"):match("\n## (%S+)"))
    end)

    it("is that of the rock, or the rock is made of what is checked out", function()
        local names = support.lines(support.run("ls *.rockspec"))
        assert.equal(1, #names)
        local rockspec = {}
        assert(loadfile(names[1], "t", rockspec))()
        assert.equal(("%s-%s.rockspec"):format(rockspec.package, rockspec.version), names[1])
        local upstream = rockspec.version:match("^(.*)%-%d+$")
        assert.is_true(upstream == "scm" or upstream == version, rockspec.version)
    end)
end)

describe("What a text points to is there:", function()
    local function slug(heading)
        return (heading:lower():gsub("[^%w%s_-]", ""):gsub("%s", "-"))
    end

    local function has_heading(text, anchor)
        for heading in ("\n" .. text):gmatch("\n#+ ([^\n]+)") do
            if slug(heading) == anchor then
                return true
            end
        end
        return false
    end

    for _, name in ipairs(PAGES) do
        it("links of " .. name, function()
            local folder = name:match("^.*/") or ""
            for target in support.read(name):gmatch("%]%(([^)%s]+)%)") do
                if not target:find("^https://") then
                    local path, anchor = target:match("^([^#]*)#?(.*)$")
                    path = path == "" and name or folder .. path
                    support.run("test -e " .. support.quote(path))
                    assert.is_true(anchor == "" or has_heading(support.read(path), anchor), target)
                end
            end
        end)
    end

    it("every page of docs/, from the README", function()
        local readme = support.read("README.md")
        for _, name in ipairs(PAGES) do
            assert.is_truthy(name == "README.md" or readme:find("](" .. name .. ")", 1, true), name)
        end
    end)

    for name, text in pairs {
        ["README.md"] = support.read("README.md"), ["CONTRIBUTING.md"] = CONTRIBUTING,
    } do
        it("targets of make in " .. name, function()
            local makefile = support.read("Makefile")
            local targets = matches_in(text, "%f[%w]make ([%l]+)%f[^%l]")
            for _, target in ipairs(targets) do
                if text:find("[`\n]make " .. target) then
                    assert.is_truthy(makefile:find("\n" .. target .. ":"), target)
                end
            end
            assert.is_true(#targets > 3)
        end)

        it("paths in " .. name, function()
            local top = {}
            for _, entry in ipairs(support.lines(support.run("ls -A"))) do
                top[entry] = true
            end
            for path in text:gmatch("`([%w._-]+/[%w./_-]*)`") do
                if top[path:match("^[^/]+")] then
                    local _, status = support.try("test -e " .. path)
                    assert.equal(0, status, path)
                end
            end
        end)
    end
end)

describe("No file of the project", function()
    -- Whole paths are put together here, so that this file does not hold what it looks for.
    local FOREIGN = {}
    for _, folder in ipairs { "home", "root", "Users", "work", "tmp", "mnt" } do
        FOREIGN[#FOREIGN + 1] = "/" .. folder .. "/"
    end

    local function shows_a_machine(text)
        for _, folder in ipairs(FOREIGN) do
            if ("\n" .. text):find("[^%w._~)}$-]" .. folder) then
                return folder
            end
        end
    end

    it("shows a path of the machine that it was written on", function()
        local files = support.lines(support.run("find . \\( -name .git -o -name node_modules"
            .. " -o -path ./build -o -path ./r2 \\) -prune"
            .. " -o -type f ! -name '*.o' ! -name '*.so' -print"))
        assert.is_true(#files > 50)
        for _, path in ipairs(files) do
            assert.is_nil(shows_a_machine(support.read(path)), path)
        end
    end)

    it("names where its npm packages were fetched from", function()
        assert.is_nil(support.read("spec/package-lock.json"):find('"resolved"', 1, true))
    end)

    it("could do so unnoticed", function()
        for _, text in ipairs {
            "in " .. FOREIGN[1] .. "me/x", '"' .. FOREIGN[4] .. 'x"', FOREIGN[5],
        } do
            assert.is_truthy(shows_a_machine(text), text)
        end
        assert.is_nil(shows_a_machine("lua/r2/init.lua, $(ROOT)/src, usr/local/share"))
    end)
end)
