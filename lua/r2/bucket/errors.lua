-- What R2 says when it refuses. An error's body is never kept or passed on: R2 echoes the whole
-- request in it, and with that the session token. Of it the code, the message and the request's id
-- are read, and cleaned.

local fail = require "r2.failure"
local tc = require "r2.temp_credentials"
local dates = require "r2.bucket.dates"
local xml = require "r2.bucket.xml"

local errors = {}

local CODE_MAX, ID_MAX = 32, 64
local RETRY_AFTER_MAX = 86400 -- seconds
local NEAR_END = 60 -- seconds before its end in which a credential may be over at R2

-- ---- what may be shown ----

-- A text of the server's without the secrets of the credentials, on one line.
local function shown(text, credentials)
  text = tc._redact(text, credentials.session_token)
  return tc._redact(text, credentials.secret_access_key)
end

local function shown_name(text, pattern, most, credentials)
  local good = text and #text <= most and text:find(pattern) and shown(text, credentials) == text
  return good and text or nil
end

-- Code and message of an <Error>.
local function read_texts(element, credentials)
  local message = xml.value(element, "Message")
  return shown_name(xml.value(element, "Code"), "^%a%w*$", CODE_MAX, credentials),
    message and message ~= "" and shown(message, credentials) or nil
end

-- The same of a body; nil where it is none, or nobody can read it.
local function read_body(body, credentials)
  if type(body) == "string" and body ~= "" and xml.check() then
    local root = xml.read(body)
    if root and root.name == "Error" then
      return read_texts(root, credentials)
    end
  end
end

local function request_id(headers, credentials)
  return shown_name(headers["x-amz-request-id"], "^[%w-]+$", ID_MAX, credentials)
end

local function ray_id(headers, credentials)
  return shown_name(headers["cf-ray"], "^%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%x%-?%u*$", 24, credentials)
end

-- Retry-After in seconds (RFC 9110, 10.2.3), or nil.
local function retry_after(headers, now)
  local text = headers["retry-after"]
  local seconds = text and text:find("^%d+$") and tonumber(text)
  local date = not seconds and dates.read_http(text)
  seconds = seconds or date and math.max(date - (dates.read_http(headers.date) or now), 0)
  return seconds and math.min(seconds, RETRY_AFTER_MAX)
end

-- ---- whether the credential is over ----

local function is_past(credentials, answer)
  local ends, theirs = credentials.expires_at, dates.read_http(answer.headers.date)
  return type(ends) == "number" and (answer.now >= ends or theirs ~= nil and theirs >= ends)
end

local function is_near(credentials, answer)
  local ends = credentials.expires_at
  return type(ends) == "number" and answer.now >= ends - NEAR_END
end

local OVER = { ExpiredToken = true, ExpiredRequest = true }

-- R2 has no word of its own for a session token that is over: it calls the signature wrong. HEAD
-- has no code at all.
local function is_over(answer, code, credentials)
  if answer.status == 401 or OVER[code] then
    return true
  elseif answer.status ~= 403 then
    return false
  elseif code == "SignatureDoesNotMatch" then
    return is_past(credentials, answer) or is_near(credentials, answer)
  end
  return code == nil and is_past(credentials, answer)
end

-- ---- made ----

local function kind_of(answer, code, credentials)
  local status = answer.status
  if status == 429 then
    return "rate_limited", "limits the rate of %s"
  elseif is_over(answer, code, credentials) then
    return "expired", "no longer takes the credential, for %s"
  elseif status == 304 then
    return "api", "has nothing newer for %s"
  elseif status < 400 and not code then
    return "bad_response", "answered %s with neither a result nor an error"
  elseif status >= 500 and status ~= 501 then
    return "api", "failed at %s"
  end
  return "api", "refused %s"
end

local function describe(answer, what, code, text, id)
  local parts = { ("R2 " .. what .. " (HTTP %d)"):format(answer.operation, answer.status) }
  if code or text then
    parts[2] = ": " .. (code or "") .. (code and text and ", " or "") .. (text or "")
  end
  if id then
    parts[#parts + 1] = " (request " .. id .. ")"
  end
  return table.concat(parts)
end

local function make(answer, code, text)
  local credentials = answer.credentials
  local kind, what = kind_of(answer, code, credentials)
  local request, ray = request_id(answer.headers, credentials), ray_id(answer.headers, credentials)
  local _, message, err = fail(kind, nil, describe(answer, what, code, text, request or ray))
  err.status, err.code, err.request_id, err.ray_id = answer.status, code, request, ray
  err.retryable = tc._is_passing(answer.status)
  err.retry_after = retry_after(answer.headers, answer.now)
  return nil, message, err
end

--- An answer that brings no result, as an error.
-- @tparam table answer `operation`, `status`, `headers` (names in lower case), `body`, `now` (Unix
--   seconds), and `credentials`, those that it was signed with
-- @return nil, message, err
function errors.judge(answer)
  local code, text = read_body(answer.body, answer.credentials)
  return make(answer, code, text)
end

-- Codes that stand in an answer of status 200 and come from trouble that passes.
local PASSING = { InternalError = true, ServiceUnavailable = true, SlowDown = true }

--- An <Error> inside of an answer that is a success by its status.
-- @return nil, message, err
function errors.within(element, answer)
  local code, text = read_texts(element, answer.credentials)
  local _, message, err = make(answer, code or "Error", text)
  err.code, err.retryable = code, PASSING[code] or false
  return nil, message, err
end

--- An answer that claims success and is not one.
-- @tparam string what is wrong with it
-- @return nil, message, err with err.kind bad_response
function errors.bad(answer, what)
  local _, message, err = fail("bad_response", nil,
    ("R2 answered %s with status %d, but %s"):format(answer.operation, answer.status, what))
  err.status, err.retryable = answer.status, false
  return nil, message, err
end

return errors
