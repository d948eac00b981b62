-- Retry-After as a date, in the three forms of RFC 9110, section 5.6.7. The oracle for whole days
-- is the calendar of the C library, through os.date.
local answers = require "spec.support.api_answers"
local make = require "spec.support.make"

local NOW = make.NOW -- Tue, 14 Nov 2023 22:13:20 GMT

local DAYS = { "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday" }
local MONTHS = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
}

-- A time in one of the forms, whatever the locale.
local function date(seconds, form)
  local t = os.date("!*t", seconds)
  local day, month = DAYS[t.wday], MONTHS[t.month]
  local clock = ("%02d:%02d:%02d"):format(t.hour, t.min, t.sec)
  if form == "rfc850" then
    return ("%s, %02d-%s-%02d %s GMT"):format(day, t.day, month, t.year % 100, clock)
  elseif form == "asctime" then
    return ("%s %s %2d %s %d"):format(day:sub(1, 3), month, t.day, clock, t.year)
  end
  return ("%s, %02d %s %d %s GMT"):format(day:sub(1, 3), t.day, month, t.year, clock)
end

local function wait(text, made, started_at)
  local _, _, err = answers.respond {
    status = 429, headers = { ["Retry-After"] = text, ["DATE"] = made }, body = "",
    started_at = started_at,
  }
  assert.equal("rate_limited", err.kind)
  return err.retry_after
end

describe("Retry-After as a date", function()
  it("is the example of RFC 9110", function()
    local made = "Sun, 06 Nov 1994 08:48:37 GMT"
    for _, text in ipairs {
      "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    } do
      assert.equal(60, wait(text, made, 784111717))
    end
  end)

  for _, form in ipairs { "fixdate", "rfc850", "asctime" } do
    it("counts from the answer's own date: " .. form, function()
      assert.equal(90, wait(date(NOW + 5090, form), date(NOW + 5000, form)))
      assert.equal(0, wait(date(NOW + 5000, form), date(NOW + 5000, form)))
      assert.equal(0, wait(date(NOW, form), date(NOW + 5000, form)))
    end)

    it("counts from before the request where the answer has none: " .. form, function()
      for _, made in ipairs { false, "", "yesterday" } do
        assert.equal(90, wait(date(NOW + 90, form), made or nil))
        assert.equal(0, wait(date(NOW - 90, form), made or nil))
      end
    end)

    it("is right on every day of four years, and at their ends: " .. form, function()
      for day = 19723, 19723 + 1461 do -- from 2024 on
        local time = day * 86400 + day % 86400
        assert.equal(86399, wait(date(time + 86399, form), date(time, form), time))
      end
      for _, time in ipairs { 0, 951782400, 4107542400, 951868799 } do -- 2000 and 2100
        if form ~= "rfc850" then
          assert.equal(1, wait(date(time + 1, form), date(time, form)))
        end
      end
    end)
  end

  it("cannot put it off for more than a day", function()
    assert.equal(86400, wait(date(NOW + 86401)))
    assert.equal(86400, wait("Fri, 31 Dec 9999 23:59:59 GMT"))
  end)

  it("of a year in two digits is the nearest that is not 50 years ahead", function()
    assert.equal(86400, wait("Saturday, 01-Jan-73 00:00:00 GMT"))
    assert.equal(0, wait("Saturday, 01-Jan-74 00:00:00 GMT"))
  end)

  it("that is none is as good as nothing", function()
    for _, text in ipairs {
      "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
      "06 Nov 1994 08:49:37 GMT",
      "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 2100 08:49:37 GMT",
      "Sun, 29 Feb 2100 00:00:00 GMT", "Sun, 00 Nov 2100 08:49:37 GMT",
      "Sun, 06 Nov 2100 24:00:00 GMT", "Sun, 06 Nov 2100 23:60:00 GMT",
      "Sun, 06 Nov 2100 23:00:61 GMT", "Sun, 06 Nov 1969 08:49:37 GMT",
      "Sun, 06 Now 2100 08:49:37 GMT", "Sun, 06 nov 2100 08:49:37 GMT",
      "Sun, 06 Nov 10000 08:49:37 GMT", "Sun, 06 Nov 2100 08:49:37 GMT ",
      "Sun, 06 Nov 2100 08:49:37 GMT\0", "Sun Nov 6 08:49:37 2100",
      ("Sun, "):rep(100000), ",",
    } do
      assert.is_nil(wait(text), text)
    end
  end)
end)
