-- r2.files' exec, as far as it comes back: the command's specs have the rest.
local files = require "r2.files"

it("refuses what is no word and no variable", function()
  for _, case in ipairs {
    { {}, {} }, { { 1 }, {} }, { { "a\0b" }, {} }, { { "true", {} }, {} }, { { "true" } },
    { { "true" }, { A = 1 } }, { { "true" }, { A = "\0" } }, { { "true" }, { [1] = "a" } },
  } do
    assert.has_error(function() files.exec(case[1], case[2]) end)
  end
end)

it("comes back where there is no such program, or none that may be run", function()
  local done, message, err = files.exec({ "no-such-program-at-all", "a" }, {})
  assert.is_nil(done)
  assert.equal("cannot be run: No such file or directory", message)
  assert.equal("ENOENT", err.code)
  assert.equal("EACCES", select(3, files.exec({ "/dev/null" }, {})).code)
  assert.equal("file", err.kind)
end)

it("takes no name of a variable that none can have", function()
  assert.is_nil((files.exec({ "true" }, { ["A=B"] = "c" })))
  assert.is_nil((files.exec({ "true" }, { [""] = "c" })))
end)
