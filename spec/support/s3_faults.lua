-- R2's S3 side as it should not be, for spec/support/fault_server.lua: bucket NAME-runN shows the
-- fault of that name, and records its requests under runN.
local faults = require "spec.support.faults"

local shows = faults.shows

local XML = "Content-Type: application/xml"
local HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
local HELLO_MD5 = "5d41402abc4b2a76b9719d911017c592" -- of "hello"

local function etag(value)
  return ('ETag: "%s"'):format(value)
end

local function refuse(c, status, code, ...)
  c:answer(status, { XML, ... },
    ("%s<Error><Code>%s</Code><Message>A reason.</Message></Error>"):format(HEAD, code))
end

local function list(c, inside)
  c:answer(200, { XML }, HEAD .. "<ListBucketResult>" .. inside .. "</ListBucketResult>")
end

local function entry(key)
  return ("<Contents><Key>%s</Key><Size>1</Size></Contents>"):format(key)
end

-- ---- what claims success ----

shows["s3-etag-lies"] = function(c)
  c:answer(200, { etag(("0"):rep(32)) }, "hello")
end

shows["s3-no-etag"] = function(c)
  c:answer(200, {}, "")
end

shows["s3-length-short"] = function(c)
  c:send("HTTP/1.1 200 OK\r\n" .. etag(HELLO_MD5) .. "\r\nContent-Length: 3\r\n\r\nhello")
end

shows["s3-length-long"] = function(c)
  c:send("HTTP/1.1 200 OK\r\n" .. etag(HELLO_MD5) .. "\r\nContent-Length: 10\r\n\r\nhello")
  c:close()
end

shows["s3-half"] = function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: 131072\r\n\r\n" .. ("x"):rep(65536))
  c:close()
end

shows["s3-no-length"] = function(c)
  c:send("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhel")
  c:close()
end

shows["s3-whole-for-range"] = function(c)
  c:answer(200, { etag(HELLO_MD5) }, "hello")
end

shows["s3-other-range"] = function(c)
  c:answer(206, { "Content-Range: bytes 0-2/5" }, "hel")
end

shows["s3-range-of-other-length"] = function(c)
  c:answer(206, { "Content-Range: bytes 1-3/5" }, "el")
end

shows["s3-part-for-whole"] = function(c)
  c:answer(206, { "Content-Range: bytes 0-2/5", etag(HELLO_MD5) }, "hel")
end

shows["s3-redirect"] = function(c)
  c:answer(307, { "Location: http://127.0.0.1:" .. faults.bystander_port .. "/-/seen/x" }, "")
end

shows["s3-html"] = function(c)
  c:answer(200, { "Content-Type: text/html", etag("x") }, "<!doctype html><title>Hello</title>")
end

-- ---- documents ----

shows["s3-xml-cut"] = function(c)
  c:answer(200, { XML }, HEAD .. "<ListBucketResult>" .. entry("a") .. "<IsTrun")
end

shows["s3-xml-long"] = function(c)
  local piece = (" "):rep(2 ^ 20)
  c:send(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s<ListBucketResult>"):format(
    100 * 2 ^ 20, HEAD))
  for _ = 1, 100 do
    c:send(piece)
  end
end

shows["s3-xml-deep"] = function(c)
  list(c, ("<a>"):rep(100000))
end

shows["s3-xml-many"] = function(c)
  list(c, ("<a/>"):rep(100000) .. "<IsTruncated>false</IsTruncated>")
end

shows["s3-xml-entities"] = function(c)
  c:answer(200, { XML }, HEAD .. [[<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">
        <!ENTITY c SYSTEM "file:///etc/passwd">]><ListBucketResult><Contents><Key>&b;</Key><Size>1
        </Size></Contents><IsTruncated>false</IsTruncated></ListBucketResult>]])
end

shows["s3-xml-error"] = function(c)
  refuse(c, 200, "InternalError")
end

shows["s3-xml-refusal"] = function(c)
  refuse(c, 200, "InvalidPart")
end

-- ---- lists ----

shows["s3-list-without-size"] = function(c)
  list(c, "<Contents><Key>a</Key></Contents><IsTruncated>false</IsTruncated>")
end

shows["s3-list-unended"] = function(c)
  list(c, entry("a"))
end

shows["s3-list-without-token"] = function(c)
  list(c, entry("a") .. "<IsTruncated>true</IsTruncated>")
end

shows["s3-list-same-token"] = function(c)
  list(c, entry("a") .. "<IsTruncated>true</IsTruncated>"
    .. "<NextContinuationToken>t</NextContinuationToken>")
end

-- Empty pages that lead to each other.
shows["s3-list-cycle"] = function(c, request)
  local following = request.target:find("continuation-token=one", 1, true) and "two" or "one"
  list(c, ("<IsTruncated>true</IsTruncated><NextContinuationToken>%s</NextContinuationToken>")
    :format(following))
end

-- The first page is good.
shows["s3-second-page-fails"] = function(c, request)
  if request.target:find("continuation-token", 1, true) then
    refuse(c, 403, "AccessDenied")
  else
    list(c, entry("a") .. entry("b") .. "<IsTruncated>true</IsTruncated>"
      .. "<NextContinuationToken>t</NextContinuationToken>")
  end
end

-- Says nothing of the key "unsaid", refuses "refused", and says "caf\195\169" of whatever is left.
shows["s3-delete-some"] = function(c, request)
  local results = {}
  for key in request.body:gmatch("<Key>(.-)</Key>") do
    if key == "refused" then
      results[#results + 1] = "<Error><Key>refused</Key><Code>AccessDenied</Code>"
        .. "<Message>A reason.</Message></Error>"
    elseif key ~= "unsaid" then
      local said = key:find("^cafe") and "caf\195\169" or key
      results[#results + 1] = "<Deleted><Key>" .. said .. "</Key></Deleted>"
    end
  end
  c:answer(200, { XML }, HEAD .. "<DeleteResult>" .. table.concat(results) .. "</DeleteResult>")
end

-- ---- refusals ----

-- Everything that it was sent comes back, as R2 echoes what it could not verify: in the code, in
-- the message, in the request's id.
shows["s3-echo"] = function(c, request)
  local all = request.target .. "\n" .. table.concat(request.lines, "\n")
  local token = request.headers["x-amz-security-token"] or ""
  c:answer(403, {
    XML, "X-Amz-Request-Id: " .. token:sub(1, 30), "Cf-Ray: " .. token:sub(40, 60),
    "Retry-After: " .. token:sub(1, 20),
  }, HEAD .. "<Error><Code>" .. token:gsub("%W", ""):sub(20, 50) .. "</Code><Message>"
    .. token:sub(10, 40) .. " " .. all:gsub("[<&]", " ") .. "</Message><CanonicalRequest>"
    .. all:gsub("[<&]", " ") .. "</CanonicalRequest></Error>")
end

shows["s3-wrong-signature"] = function(c)
  refuse(c, 403, "SignatureDoesNotMatch", "X-Amz-Request-Id: 0A1b2C3d",
    "Cf-Ray: 8f2a6c1d3b5e7a90-SJC")
end

shows["s3-html-error"] = function(c)
  c:answer(502, { "Content-Type: text/html" }, "<html><body>Bad Gateway</html>")
end

shows["s3-long-error"] = function(c)
  c:answer(403, { XML }, (" "):rep(2 ^ 21))
end

shows["s3-deep-error"] = function(c)
  c:answer(403, { XML }, HEAD .. "<Error>" .. ("<a>"):rep(100000))
end

--- Refuses before it has read the body, and reads no more.
faults.early["s3-early"] = true
shows["s3-early"] = function(c)
  refuse(c, 403, "AccessDenied", "Connection: close")
  c:leave()
end

for _, status in ipairs { 401, 408, 429, 500, 501, 503, 522, 530 } do
  shows["s3-" .. status] = function(c)
    refuse(c, status, status == 401 and "Unauthorized" or "InternalError")
  end
end

-- Each third request fails; the others bring an object, or take it.
for _, status in ipairs { 500, 503 } do
  shows["s3-third-" .. status] = function(c, _, number)
    if number % 3 == 0 then
      return refuse(c, status, "InternalError")
    end
    c:answer(200, { etag(HELLO_MD5) }, "hello")
  end
end

-- ---- answers that are lost ----

-- Takes an object and leaves; from then on it is there. Its key ends with the ETag that is said of
-- it. `unreadable` refuses whoever looks; `gone` has lost it; `other` has another one.
local function store(what_is_seen)
  return function(c, request, number)
    local is_put = request.method == "PUT" or request.method == "POST"
    local code = request.method == "POST" and "NoSuchUpload" or "PreconditionFailed"
    if is_put and not c.run.stored then
      c.run.stored = true
      c:close()
    elseif is_put then
      refuse(c, request.method == "POST" and 404 or 412, code)
    elseif not c.run.stored then
      c:answer(200, { "X-Number: " .. number }, "")
    else
      what_is_seen(c, request.target:match("/([%x-]+)$"))
    end
  end
end

shows["s3-stores"] = store(function(c, value)
  c:answer(200, { etag(value) }, "")
end)

shows["s3-stores-unreadable"] = store(function(c)
  c:answer(403, {}, "")
end)

shows["s3-stores-other"] = store(function(c)
  c:answer(200, { etag(HELLO_MD5) }, "")
end)

shows["s3-stores-gone"] = store(function(c)
  c:answer(404, {}, "")
end)

--- Leaves without an answer, whatever comes.
shows["s3-leaves"] = function(c)
  c:close()
end

--- Slowly, but never silent: two kilobytes every 0.4 seconds, for longer than a second.
shows["s3-steady"] = function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: 10240\r\n\r\n")
  for _ = 1, 5 do
    c:sleep(0.4)
    c:send(("x"):rep(2048))
  end
end

--- A byte of the body a second.
shows["s3-slow"] = function(c)
  c:send("HTTP/1.1 200 OK\r\nContent-Length: 3600\r\n\r\n")
  for _ = 1, 3600 do
    c:send("x")
    c:sleep(1)
  end
end

return faults
