-- One request to R2's S3 side: signed anew for each attempt, sent over the bucket's transport, its
-- answer judged. How often, how long and when is r2.attempts' affair.
--
-- What is asked is a table:
--   operation   S3's name of it
--   method, key, query, headers   without a key it is about the bucket
--   body        of r2.bucket.body; or a string, which is hashed
--   output      of r2.bucket.output, for the body of an answer that is a success
--   progress    for the transport: function(sent, to_send, received, to_receive)
--   http1       true where it is to have a connection of its own
--   once        true where a second sending can be refused because of the first one
--   refusal     of those: status, and code where there is one, of the error that says so
--   source      of a copy: `key`, and `bucket` where it is another one
--   read        function(answer) -> the result, or nil, message, err; answer as in r2.bucket.errors
--   read_back   of those, optional: function(call) -> the result, where that was the first one's;
--               or nil, and whether it was surely not

local attempts = require "r2.attempts"
local clock = require "r2.clock"
local fail = require "r2.failure"
local sigv4 = require "r2.sigv4"
local errors = require "r2.bucket.errors"
local headers = require "r2.bucket.headers"
local source = require "r2.bucket.source"
local usage = require "r2.bucket.usage"

local request = {}

local ANY_ENDPOINT = "https://any.example"
local AGENT = "r2-temp-credentials/" .. sigv4._VERSION

local Exchange = {}
Exchange.__index = Exchange

-- ---- what goes out ----

local function now_of(bucket)
  return clock.read(bucket.clock or clock.now)
end

-- The address of what is asked: the bucket's own settings, or the credentials'.
local function url_of(bucket, asked, credentials)
  local url, message, err = sigv4.url(bucket.endpoint or credentials.endpoint,
    bucket.name or credentials.bucket, asked.key, asked.query)
  if not url and err.field == "bucket" then
    return fail.renamed(err, "name")
  end
  return url, message, err
end

-- The path of what is copied, as it stands in a URL.
local function source_of(bucket, asked, credentials)
  local url, message, err = sigv4.url(ANY_ENDPOINT,
    asked.source.bucket or bucket.name or credentials.bucket, asked.source.key)
  if not url then
    return fail.renamed(err, "from")
  end
  return url:sub(#ANY_ENDPOINT + 1), message, err
end

local function headers_of(bucket, asked, credentials)
  local copy = {}
  for name, value in next, asked.headers or {} do
    copy[name] = value
  end
  if asked.source then
    local source_path, message, err = source_of(bucket, asked, credentials)
    if not source_path then
      return nil, message, err
    end
    copy["x-amz-copy-source"] = source_path
  end
  return copy
end

local function sign(exchange, credentials)
  local bucket, asked = exchange.bucket, exchange.asked
  local url, written, now, added, message, err
  url, message, err = url_of(bucket, asked, credentials)
  if not url then
    return nil, message, err
  end
  written, message, err = headers_of(bucket, asked, credentials)
  if not written then
    return nil, message, err
  end
  now, message, err = now_of(bucket)
  if not now then
    return nil, message, err
  end
  local options = { now = now }
  if type(asked.body) == "string" then
    options.payload_hash = sigv4.hash(asked.body)
  end
  added, message, err = sigv4.sign({ method = asked.method, url = url, headers = written },
    credentials, options)
  if not added then
    return nil, message, err
  end
  for name, value in next, added do
    written[name] = value
  end
  written["user-agent"] = AGENT
  return { method = asked.method, url = url, headers = written }
end

-- Signs with what the source has; once with what it has instead, where that is over.
local function signed(exchange)
  local credentials, message, err = exchange.bucket.source:get()
  if not credentials then
    return nil, message, err
  elseif exchange.refused and source.are_same(credentials, exchange.refused) then
    return nil, exchange.refusal.message, exchange.refusal -- there is no other
  end
  exchange.credentials = credentials
  local http_request
  http_request, message, err = sign(exchange, credentials)
  if not http_request and exchange:renew(err) then
    return signed(exchange)
  end
  return http_request, message, err
end

-- Puts the body into the request that goes out.
local function begin_body(asked, http_request)
  local message, err
  if asked.body == nil then
    return true
  elseif type(asked.body) == "string" then
    http_request.body = asked.body
    return true
  end
  http_request.body, message, err = asked.body:begin()
  if not http_request.body then
    return nil, message, err
  end
  http_request.content_length = asked.body.length
  return true
end

local function was_closed()
  return fail("cancelled", nil, "the bucket was closed meanwhile")
end

function Exchange:encode()
  if self.bucket.closed then
    return was_closed()
  end
  local asked = self.asked
  local begun
  local http_request, message, err = signed(self)
  if not http_request then
    return nil, message, err
  elseif self.bucket.closed then -- while a provider was asked
    return was_closed()
  end
  begun, message, err = begin_body(asked, http_request)
  if not begun then
    return nil, message, err
  end
  http_request.output = asked.output and asked.output:begin()
  http_request.progress, http_request.once = asked.progress, asked.once
  http_request.http1 = asked.http1
  usage.count(self.bucket.usage, asked.operation)
  return http_request
end

-- ---- what comes of it ----

--- After an error: whether another credential is to be tried, at once. Only once.
function Exchange:renew(err)
  if err.kind ~= "expired" or self.refused or self.bucket.closed or not self:is_ready() then
    return false
  end
  self.refused, self.refusal = self.credentials, err
  return self.bucket.source:renew(self.credentials)
end

-- Whether what is asked can go out (again).
function Exchange:is_ready()
  local asked = self.asked
  return (type(asked.body) ~= "table" or asked.body:is_ready())
    and (asked.output == nil or asked.output:is_ready())
end

-- What ends an attempt and passes is tried again only where that is possible.
function Exchange:limit(err)
  if not self:is_ready() then
    err.retryable = false
  end
  return nil, err.message, err
end

local function bytes_of(body)
  return type(body) == "string" and #body or body and body.done or 0
end

local function count_bytes(exchange)
  local asked, counts = exchange.asked, exchange.bucket.usage
  counts.sent = counts.sent + bytes_of(asked.body)
  counts.received = counts.received + (asked.output and asked.output.received or 0)
end

-- Why this side has stopped the transport.
local function own_failure(asked)
  local failure = type(asked.body) == "table" and asked.body.failure
    or asked.output and asked.output.failure
  if failure then
    local _, message, err = fail(failure[1], failure[2], failure[3])
    err.code = failure[4]
    return nil, message, err
  end
end

-- Of these a request may have been done all the same.
local MAY_BE_DONE = { network = true, timeout = true, bad_response = true }

--- What an attempt without an answer comes to.
function Exchange:lost(err)
  if err.sent ~= false then
    count_bytes(self)
  end
  local _, _, own = own_failure(self.asked)
  if own then
    own.retryable = false
    return nil, own.message, own
  end
  self.was_lost = self.was_lost or MAY_BE_DONE[err.kind] and err.sent ~= false
  return self:limit(err)
end

function Exchange:decode(response)
  count_bytes(self)
  local answer = {
    operation = self.asked.operation,
    status = response.status,
    headers = headers.plain(response.headers),
    body = response.body,
    now = now_of(self.bucket) or clock.now(),
    credentials = self.credentials,
  }
  usage.refund(self.bucket.usage, self.asked.operation, answer.status)
  local result, _, err
  if answer.status >= 200 and answer.status < 300 then
    result, _, err = self.asked.read(answer)
  else
    result, _, err = errors.judge(answer)
  end
  if result then
    return result
  end
  self.was_lost = self.was_lost or err.retryable and answer.status ~= 429
  return self:limit(err)
end

-- ---- a call ----

--- Begins a call of one or more requests, which share its deadline.
-- @tparam table bucket what a bucket consists of
-- @treturn table call
-- @return nil, message, err with err.kind invalid_config
function request.begin(bucket)
  local transport, message, err = bucket:get_transport()
  if not transport then
    return nil, message, err
  end
  local now = transport.now or clock.now
  return {
    bucket = bucket,
    transport = transport,
    now = now,
    ends = bucket.deadline_seconds and now() + bucket.deadline_seconds,
  }
end

local function limits_of(call)
  local bucket = call.bucket
  return {
    seconds = call.ends and call.ends - call.now(),
    silence_seconds = bucket.timeout_seconds,
    count = bucket.max_attempts,
    random = bucket.random,
  }
end

-- A second sending that is refused may be so because of the first one, whose answer was lost.
local function settle(call, asked, err)
  local refusal = asked.refusal
  local may_be_done = err.status == refusal.status
    and (not refusal.code or err.code == refusal.code)
  if may_be_done and asked.read_back then
    local result, surely_not = asked.read_back(call)
    if result then
      return result
    elseif surely_not then
      return nil, err.message, err
    end
  end
  err.outcome, err.retryable = "unknown", false
  err.reason = (err.reason or err.message) .. "; whether it was done is not known"
  return fail.renamed(err, err.field, err.item)
end

--- Sends what is asked until there is a result, or an error that stays.
-- @return the result, or nil, message, err
function request.send(call, asked)
  local limits = limits_of(call)
  if limits.seconds and limits.seconds <= 0 then
    return fail("timeout", nil, "deadline_seconds are over")
  end
  local exchange = setmetatable({ bucket = call.bucket, asked = asked }, Exchange)
  local result, message, err =
    attempts.ask(attempts.begin(exchange, call.transport, limits))
  if not result and asked.once and exchange.was_lost then
    return settle(call, asked, err)
  end
  return result, message, err
end

--- Sends what one call is about.
-- @param asked or nil, message, err, which are handed back
-- @return the result, or nil, message, err
function request.call(bucket, asked, message, err)
  if not asked then
    return nil, message, err
  end
  local call
  call, message, err = request.begin(bucket)
  if not call then
    return nil, message, err
  end
  return request.send(call, asked)
end

--- A presigned URL for what is asked: `method`, `key`, `query`, `headers`; with the bucket's own
-- credentials.
function request.presign(bucket, asked, options)
  local credentials, message, err = bucket.source:get()
  if not credentials then
    return nil, message, err
  end
  local url
  url, message, err = url_of(bucket, asked, credentials)
  if not url then
    return nil, message, err
  end
  options.now, message, err = now_of(bucket)
  if not options.now then
    return nil, message, err
  end
  return sigv4.presign({ method = asked.method, url = url, headers = asked.headers }, credentials,
    options)
end

return request
