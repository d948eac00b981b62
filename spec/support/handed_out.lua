-- Runs inside HAProxy and inside Prosody: objects over a transport of theirs, and a request to
-- nobody. Returns a line.
return function(transport)
  local r2 = require "r2"
  local issuer = assert(r2.from_env { mode = "local" })
  local credentials = assert(issuer:service_credentials("my-bucket", "a folder/"))
  local bucket = assert(r2.bucket { credentials = credentials, transport = transport })
  assert(bucket:put("a folder/ü+&.txt", ("x"):rep(70000)))
  local got = assert(bucket:get("a folder/ü+&.txt"))
  local page = assert(bucket:list_page { prefix = "a folder/" })
  local _, _, err = transport.perform { method = "GET", url = "http://127.0.0.1:1/" }
  return ("%d bytes, %d listed, no server: %s"):format(#got.body, #page, err.kind)
end
