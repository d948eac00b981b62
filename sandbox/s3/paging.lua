-- Pages of keys.

local paging = {}

--- What a key is listed as where it lies deeper than a delimiter: the text up to there; or nil.
function paging.common_prefix(key, prefix, delimiter)
  if not delimiter or delimiter == "" then
    return nil
  end
  local _, last = key:find(delimiter, #prefix + 1, true)
  return last and key:sub(1, last)
end

--- One page.
-- @tparam table keys an index
-- @tparam table asked `prefix`, `delimiter`, `after`, `limit`
-- @treturn table a list of { key } and { prefix }; `truncated`, and where it is so `last`, the last
--   key
--   that it stands for
function paging.page(keys, asked)
  local page = {}
  local at = math.max(keys:from(asked.prefix), keys:after(asked.after))
  while keys[at] and keys[at]:sub(1, #asked.prefix) == asked.prefix do
    if #page == asked.limit then
      page.truncated, page.last = true, keys[at - 1]
      break
    end
    local common = paging.common_prefix(keys[at], asked.prefix, asked.delimiter)
    page[#page + 1] = common and { prefix = common } or { key = keys[at] }
    at = common and keys:past(common) or at + 1
  end
  return page
end

return paging
