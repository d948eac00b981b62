-- Requests whose answer is a document, or whose body is one.

local errors = require "r2.bucket.errors"
local output = require "r2.bucket.output"
local xml = require "r2.bucket.xml"

local documents = {}

--- Has the answer read as a document with that root. An <Error> in its place is an error, whatever
-- the status says.
-- @tparam table asked of r2.bucket.request; `read` and `output` become this one's
-- @tparam string root
-- @tparam function read element, answer -> the result, or nil, message, err
-- @return asked, or nil, message, err with err.kind invalid_config: nobody can read XML here
function documents.expect(asked, root, read)
  local able, message, err = xml.check()
  if not able then
    return nil, message, err
  end
  asked.output = output.collect(xml.BYTES_MAX)
  function asked.read(answer)
    local element = xml.read(asked.output:text())
    if element and element.name == root then
      return read(element, answer)
    elseif element and element.name == "Error" then
      return errors.within(element, answer)
    end
    return errors.bad(answer, "without the document that it promises")
  end
  return asked
end

return documents
