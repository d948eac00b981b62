-- A world for providers whose time passes as it is told: an issuer that takes its time, fails when
-- it is told to, and notes what it was asked.
local fail = require "r2.failure"
local strand = require "r2.task.strand"

local world = {}

local World = {}
World.__index = World

-- What the issuer of a world makes: each whole, and told from all others.
local function new_credentials(w)
  w.count = w.count + 1
  local n = w.count
  local made = {
    access_key_id = "the parent's", secret_access_key = "secret " .. n,
    session_token = "token " .. n, bucket = "my-bucket", endpoint = "https://s3.example.com",
    expires_at = w.now + w.life,
  }
  w.made[#w.made + 1] = made
  return made
end

-- Waits like a request does.
local function wait(w, seconds)
  local current = strand.current()
  local ends = w.passed + seconds
  local function is_over()
    return w.passed >= ends
  end
  if not current then
    w:pass(seconds)
    return true
  end
  return current:await {
    poll = is_over,
    wait = function()
      w:pass(math.max(ends - w.passed, 0))
      return true
    end,
    cancel = function() end,
  }
end

--- Lets time pass. The clock, `now`, may be set besides.
function World:pass(seconds)
  self.now, self.passed = self.now + seconds, self.passed + seconds
end

--- Fails from here on with an error of that kind; nil: not any more.
function World:fails(kind, retryable, retry_after)
  self.kind, self.retryable, self.retry_after = kind, retryable, retry_after
end

--- @treturn table with now, life, takes (seconds of one create), made, asked; and issuer
function world.new(life, takes)
  local w = setmetatable({
    now = 1700000000, passed = 0, life = life or 3600, takes = takes or 0, made = {}, asked = {},
    count = 0,
    under_way = 0, most_under_way = 0,
  }, World)
  w.issuer = {
    signs = function()
      return w.is_local == true
    end,
    create = function(_, request)
      w.asked[#w.asked + 1] = request
      w.under_way = w.under_way + 1
      w.most_under_way = math.max(w.most_under_way, w.under_way)
      local good, message, err = wait(w, w.takes)
      w.under_way = w.under_way - 1
      if not good then
        return nil, message, err
      elseif w.kind then
        message, err = select(2, fail(w.kind, nil, "as the world has it"))
        err.retryable, err.retry_after = w.retryable, w.retry_after
        return nil, message, err
      end
      return new_credentials(w)
    end,
  }
  return w
end

--- Options of a provider in this world.
function World:options(changes)
  local options = { clock = function() return self.now end, random = function() return 0 end }
  for name, value in pairs(changes or {}) do
    options[name] = value
  end
  return options
end

return world
