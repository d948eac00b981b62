-- The exit codes of r2creds. Its help and docs/command.md say them too.

local exit_codes = {
  DONE = 0, FAILED = 1, USAGE = 2, BAD_TOKEN = 3, EXPIRED = 4, INTERNAL = 70, INTERRUPTED = 130,
}

-- Every kind of error that the library has.
exit_codes.BY_KIND = {
  invalid_request = exit_codes.USAGE,
  invalid_config = exit_codes.USAGE,
  unsupported = exit_codes.USAGE,
  invalid_token = exit_codes.BAD_TOKEN,
  expired = exit_codes.EXPIRED,
  network = exit_codes.FAILED,
  tls = exit_codes.FAILED,
  timeout = exit_codes.FAILED,
  rate_limited = exit_codes.FAILED,
  api = exit_codes.FAILED,
  bad_response = exit_codes.FAILED,
  cancelled = exit_codes.FAILED,
  file = exit_codes.FAILED,
}

return exit_codes
