-- What else would get in the way: variables of AWS's tools, and an AWS CLI that reads no endpoint.

local around = {}

local VARIABLES = {
  "AWS_PROFILE", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION", "AWS_ENDPOINT_URL",
  "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
}

-- Whether it reads AWS_ENDPOINT_URL_S3.
local function reads_endpoint(version)
  local major, minor = version:match("^(%d+)%.(%d+)")
  major, minor = tonumber(major), tonumber(minor)
  return major > 2 or major == 2 and minor >= 13 or major == 1 and minor >= 29
end

--- @tparam table report
-- @tparam function getenv
-- @tparam function version_of_aws -> what `aws --version` prints, or nil
function around.check(report, getenv, version_of_aws)
  local before = #report.lines
  for _, name in ipairs(VARIABLES) do
    if (getenv(name) or "") ~= "" then
      report:unknown(name, "is set, and steers AWS's tools",
        "unset it, or use r2creds exec or mint --format env, which do")
    end
  end
  local version = (version_of_aws() or ""):match("aws%-cli/(%d+%.%d+[%d.]*)")
  if version and not reads_endpoint(version) then
    report:unknown("aws", "version " .. version .. " reads no AWS_ENDPOINT_URL_S3",
      "give it --endpoint-url, or take 2.13")
  end
  if #report.lines == before then
    report:ok("AWS's tools", "nothing is set that would get in their way")
  end
end

return around
