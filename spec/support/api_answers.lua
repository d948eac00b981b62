-- What the specs of Cloudflare's API share: what it answers, and a client that reads it.
local cjson = require "cjson"
local keys = require "spec.support.keys"
local make = require "spec.support.make"
local refused = require "spec.support.refused"

local answers = { client = make.api_client() }

answers.RESULT = {
  accessKeyId = keys.parent_access_key_id,
  secretAccessKey = ("5e55"):rep(16),
  sessionToken = "an-opaque-session-token-of-the-service",
}

-- An answer's body that brings a credential, as a table, with these changes.
function answers.envelope(changes)
  return make.changed({
    success = true, errors = cjson.empty_array, messages = cjson.empty_array,
    result = answers.RESULT,
  }, changes)
end

-- An answer's body that brings these errors.
function answers.failure(errors)
  return { success = false, errors = errors, messages = cjson.empty_array, result = cjson.null }
end

-- What the client makes of an answer: { status, headers, body, started_at, request }.
function answers.respond(answer)
  local body = answer.body
  if type(body) == "table" then
    body = cjson.encode(body)
  end
  return answers.client:response(answer.status or 200, answer.headers or {}, body,
    answer.started_at or make.NOW, answer.request or make.request())
end

-- The error that it makes of it.
function answers.refuse(kind, answer, says)
  return refused({
    kind = kind, starts = false, says = says,
    hides = { answers.RESULT.secretAccessKey, answers.RESULT.sessionToken },
  }, function()
    return answers.respond(answer)
  end)
end

return answers
