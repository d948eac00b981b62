-- What is JSON: the cases of JSONTestSuite as a member of claims and of an answer, through both
-- readers: lua-cjson, and the quick one before it, which takes plain objects only.

local base64 = require "spec.support.base64"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local sigv4 = require "r2.sigv4"
local tc = require "r2.temp_credentials"
local token = require "spec.support.token"

-- What lua-cjson takes although RFC 8259 does not: a point without digits at both its sides, and
-- control characters as they are. The quick reader knows no points, and takes the last two.
local LAX = {
    "n_number_-2.", "n_number_0.e1", "n_number_2.e+3", "n_number_2.e-3", "n_number_2.e3",
    "n_number_neg_real_without_int_part", "n_number_real_without_fractional_part",
    "n_string_unescaped_newline", "n_string_unescaped_tab",
}

local function decode(text)
    return (text:gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
    end))
end

-- name -> text, and the names in their order.
local function read_cases()
    local cases, names = {
        n_structure_100000_opening_arrays = ("["):rep(100000),
        n_structure_open_array_object = ('[{"":'):rep(50000) .. "\n",
    }, {}
    for line in io.lines("spec/vectors/json_suite.txt") do
        local name, text = line:match("^(%l_%S+) (%S*)$")
        if name then
            cases[name] = decode(text)
        end
    end
    for name in pairs(cases) do
        names[#names + 1] = name
    end
    table.sort(names)
    return cases, names
end

local function unsigned_token(payload)
    return token.wrap(table.concat({
        base64.encode_url(token.HEADER), base64.encode_url(payload),
        base64.encode_url(("\0"):rep(32)),
    }, "."))
end

-- Whether lua-cjson takes the claims.
local function decodes(text)
    return tc.inspect(unsigned_token('{"exp":1,"x":' .. text .. "}")) ~= nil
end

-- Whether the quick reader does: without expires_at it alone looks for the end of a credential.
local function finds(text)
    local signed, _, err = sigv4.sign({ method = "GET", url = "https://s3.example/" }, {
        access_key_id = "key", secret_access_key = "secret",
        session_token = unsigned_token('{"exp":1,"x":' .. text .. "}"),
    }, { now = 2 })
    assert(signed or err.kind == "expired")
    return not signed
end

describe("JSON of JSONTestSuite", function()
    local cases, names = read_cases()
    local decoded, found = {}, {}

    setup(function()
        for _, name in ipairs(names) do
            decoded[name] = decodes(cases[name])
            found[name] = finds(cases[name])
        end
    end)

    it("is there", function()
        assert.equal(318, #names)
    end)

    it("is taken where it must be", function()
        for _, name in ipairs(names) do
            assert.is_true(decoded[name] or not name:find("^y_"), name)
        end
    end)

    it("is refused where it must be, but for what lua-cjson takes all the same", function()
        local lax = {}
        for _, name in ipairs(names) do
            if name:find("^n_") and decoded[name] then
                lax[#lax + 1] = name
            end
        end
        assert.same(LAX, lax)
    end)

    it("is taken by the quick reader only where lua-cjson takes it", function()
        local some = 0
        for _, name in ipairs(names) do
            assert.is_true(decoded[name] or not found[name], name)
            some = some + (found[name] and 1 or 0)
        end
        assert.is_true(some > 50)
    end)

    it("is a part of an answer where lua-cjson takes it", function()
        local client = assert(tc.new(make.config { api_token = keys.api_token }))
        local answer = '{"result":{"accessKeyId":"a","secretAccessKey":"b","sessionToken":"c"},'
            .. '"success":true,"x":%s}'
        for _, name in ipairs(names) do
            local body = answer:gsub("%%s", function() return cases[name] end)
            local made = client:response(200, nil, body, make.NOW, make.request())
            assert.equal(decoded[name], made ~= nil, name)
        end
    end)
end)
