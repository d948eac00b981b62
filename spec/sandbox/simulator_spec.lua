-- The sandbox's S3 side beside Cloudflare's own simulator of R2: the same requests, to it with its
-- permanent keys and to the sandbox with a session token, have the same status, the same code of an
-- error, the same headers, the same bytes, and XML that means the same. Where the simulator cannot
-- be run, its answers are those of spec/simulator/recorded.txt.
-- From the environment: R2_RECORD=1 writes that file.

local lom = require "lxp.lom"
local make = require "spec.support.make"
local requests = require "spec.support.s3_requests"
local s3 = require "spec.support.s3"
local server = require "spec.support.server"
local sigv4 = require "r2.sigv4"
local simulator = require "spec.support.simulator"
local values = require "spec.support.values"

if not server.has_nginx() then
  pending("the sandbox needs nginx with its Lua module")
  return
end

local RECORDED = "spec/simulator/recorded.txt"

-- Where the two differ: what the simulator answers, what the sandbox does, and why.
local DIFFERENCES = {
  ["HEAD range"] = { "206", "200", "R2's documentation: a range has no effect in HeadObject" },
  ["HEAD past"] = { "416", "200", "the same" },
  ["bare ETag"] = { "500", "400 InvalidArgument", "the simulator fails; R2: not known" },
  ["compressed"] = { "200", "200", "the simulator compresses again what says that it is" },
  ["MERGE"] = { "400 InvalidArgument", "200", "R2's documentation has that directive" },
  ["copy destination"] = {
    "200", "412 PreconditionFailed", "R2's documentation has conditions of a copy's target",
  },
  ["unequal parts"] = {
    "404 NoSuchUpload", "400 InvalidPart", "R2's documentation: InvalidPart, 10048",
  },
  ["ListParts"] = { "501 NotImplemented", "200", "R2's documentation has it" },
  ["ListMultipartUploads"] = { "501 NotImplemented", "200", "R2's documentation has it" },
  ["spaces around a key"] = { "200", "200", "the simulator cuts them off: another key" },
  ["region"] = { "200", "403 SignatureDoesNotMatch", "R2 knows auto and us-east-1 alone" },
  ["unsigned header"] = {
    "200", "403 AccessDenied", "S3 wants each x-amz- header signed; R2: not known, so refused",
  },
  ["NFC"] = {
    "200", "501 NotImplemented", "R2 makes NFC of a key, which neither of the two does",
  },
  ["long key"] = { "500", "400 InvalidObjectName", "R2's documentation" },
  ["long metadata"] = { "500", "400 MetadataTooLarge", "R2's documentation" },
  ["dots"] = {
    "403 SignatureDoesNotMatch", "200", "S3 has keys with dots, which the simulator resolves",
  },
  ["no part number"] = {
    "200", "400 InvalidArgument", "the simulator puts an object; R2: not known, so refused",
  },
}

-- ---- what an answer means ----

local HEADERS = {
  "content-type", "content-length", "content-range", "content-disposition", "content-encoding",
  "content-language", "cache-control", "expires", "accept-ranges", "etag", "x-amz-meta-a",
  "x-amz-meta-b", "x-amz-meta-b-c_d",
}

-- What is another one each time, or the server's own.
local VOLATILE = {
  LastModified = true, UploadId = true, NextContinuationToken = true, ContinuationToken = true,
  Location = true,
}

-- The meaning of XML: an element is its text, or for each name in it the list of its elements. The
-- order of names means nothing, that of elements with the same name does.
local function meaning(element)
  local result, text, elements = {}, {}, 0
  for _, child in ipairs(element) do
    if type(child) == "string" then
      text[#text + 1] = child
    else
      elements = elements + 1
      result[child.tag] = result[child.tag] or {}
      table.insert(result[child.tag], VOLATILE[child.tag] and "…" or meaning(child))
    end
  end
  return elements > 0 and result or table.concat(text)
end

local function is_part(case)
  return case.query and case.query.partNumber
end

local function read_body(case, response)
  local body = response.body or ""
  if (response.headers["content-type"] or ""):find("^application/xml") and response.status == 200
    and (case.method == "POST" or case.method == "PUT" or not case.key) then
    local document = assert(lom.parse(body))
    local result = meaning(document)
    if document.tag == "CopyPartResult" then
      result.ETag = nil
    end
    return { [document.tag] = result }
  end
  return #body > 100 and sigv4.hash(body) or body
end

-- Of an error only status and code, and where the two are known to differ; of a success all that a
-- client may look at.
local function outcome_of(case, response)
  if response.status >= 400 or case.differs then
    return { status = response.status, code = response.code or nil }
  end
  local outcome = { status = response.status, headers = {}, body = read_body(case, response) }
  for _, name in ipairs(HEADERS) do
    outcome.headers[name] = response.headers[name]
  end
  if type(outcome.body) == "table" or not case.key then
    outcome.headers["content-length"] = nil -- of the same meaning in other words
  end
  if is_part(case) then
    outcome.headers.etag = nil -- no digest, and another one each time
  end
  return outcome
end

-- ---- how they are asked ----

-- Puts what was kept of earlier answers into a text.
local function filled(text, kept)
  if type(text) ~= "string" or #text > 100000 then
    return text
  end
  return (text:gsub("{([%l ]+)}", kept))
end

-- nil is a parameter that was not kept: there was no such thing in the answer.
local function filled_all(texts, kept)
  local result = {}
  for name, text in pairs(texts or {}) do
    text = filled(text, kept)
    result[name] = not (type(text) == "string" and text:find("^{%l+}$")) and text or nil
  end
  return result
end

local function prepare(case, kept)
  local unsigned = {}
  for name, value in pairs(case.unsigned or {}) do
    unsigned[name] = value or make.ABSENT
  end
  return {
    method = case.method, key = case.key, path = case.path, payload_hash = case.payload_hash,
    expires = case.expires, region = case.region, headers = case.headers,
    query = filled_all(case.query, kept), body = filled(case.body, kept),
    unsigned = unsigned, now = case.skew and os.time() + case.skew or nil,
  }
end

local function keep(case, response, kept)
  for name, what in pairs(case.keep or {}) do
    if what == true then
      kept[name] = (response.headers.etag or ""):gsub('"', "")
    else
      kept[name] = s3.text(response.body or "", what)
    end
  end
end

-- Sends all requests to a client. Returns what the answers mean.
local function play(client)
  local outcomes, kept = {}, {}
  for i, case in ipairs(requests.list) do
    local response = client:ask(prepare(case, kept))
    keep(case, response, kept)
    outcomes[i] = outcome_of(case, response)
  end
  return outcomes
end

-- ---- compared ----

local ESCAPES = { ["\n"] = "\\n", ["\r"] = "\\r", ["\\"] = "\\\\" }

-- A value as a text that is the same for what is the same, on one line.
local function in_words(value)
  if type(value) ~= "table" then
    return (tostring(value):gsub("[\n\r\\]", ESCAPES))
  end
  local parts = {}
  for name, part in values.sorted(value) do
    parts[#parts + 1] = ("%s=%s"):format(name, in_words(part))
  end
  return "{" .. table.concat(parts, " ") .. "}"
end

local LONGEST = 300 -- bytes of a line in the recording

-- What is recorded of an answer, and compared.
local function line_of(outcome)
  local words = in_words(outcome)
  return #words <= LONGEST and words or outcome.status .. " " .. sigv4.hash(words)
end

-- The same of what DIFFERENCES says: a status, and perhaps a code.
local function line_of_known(text)
  local status, code = text:match("^(%d+) ?(.*)$")
  return line_of { status = tonumber(status), code = code ~= "" and code or nil }
end

local function asked(case)
  local shown = {}
  for name, value in pairs(case) do
    shown[name] = name ~= "keep" and name ~= "body" and value or nil
  end
  return in_words(shown):sub(1, 300)
end

-- What is wrong with the two answers to a request; nil where they are as they should be.
local function compare(case, theirs, ours)
  local known = DIFFERENCES[case.differs]
  local expected = known and line_of_known(known[2]) or theirs
  if known and theirs ~= line_of_known(known[1]) then
    return ("%s\n  expected:  %s\n  simulator: %s"):format(asked(case), known[1], theirs)
  elseif line_of(ours) ~= expected then
    return ("%s\n  expected: %s\n  sandbox:  %s"):format(asked(case), expected, in_words(ours))
  end
end

-- ---- the recording ----

local function read_recording()
  local lines = {}
  for line in io.lines(RECORDED) do
    lines[#lines + 1] = line
  end
  return lines
end

local function write_recording(lines)
  local file = assert(io.open(RECORDED, "w"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
end

describe("Cloudflare's own simulator", function()
  local theirs, ours

  setup(function()
    local sandbox = s3.start()
    ours = play(sandbox:as(sandbox:sign {
      permission = "object-read-write", ttl_seconds = 86400, -- some clocks are ahead
    }))
  end)

  teardown(server.stop_all)

  it("is asked at least 300 things", function()
    assert.is_true(#requests.list >= 300, #requests.list)
  end)

  if simulator.missing() then
    pending("is not run, but its recorded answers compared: " .. simulator.missing())
  else
    it("answers as it did when it was recorded", function()
      local lines = {}
      for i, outcome in ipairs(play(simulator.start())) do
        lines[i] = line_of(outcome)
      end
      if os.getenv("R2_RECORD") then
        write_recording(lines)
      end
      theirs = lines
      local recorded = read_recording()
      assert.equal(#lines, #recorded)
      for i, line in ipairs(lines) do
        assert(recorded[i] == line, ("%s\n  recorded: %s\n  now:      %s"):format(
          asked(requests.list[i]), recorded[i], line))
      end
    end)
  end

  it("answers what the sandbox answers, but for the differences that are known", function()
    theirs = theirs or read_recording()
    local surprises = {}
    for i, case in ipairs(requests.list) do
      surprises[#surprises + 1] = compare(case, theirs[i], ours[i])
    end
    assert.equal("", table.concat(surprises, "\n"))
  end)

  it("has each of the differences that are listed", function()
    local found = {}
    for _, case in ipairs(requests.list) do
      if case.differs then
        found[case.differs] = true
        assert(DIFFERENCES[case.differs], case.differs)
      end
    end
    for name in pairs(DIFFERENCES) do
      assert.is_true(found[name], name)
    end
  end)
end)
