-- Demonstration keys of the sandbox. Everybody can read them here, and they open nothing but the
-- sandbox on one's own machine. Never put real ones in their place.
return {
  account_id = ("acc0"):rep(8),
  api_token = "sandbox-token-that-opens-no-other-place",
  parent_access_key_id = ("5a9d"):rep(8),
  parent_secret_access_key = ("5ec7"):rep(16),
  -- Every bucket of a valid name is there, but this one.
  missing_bucket = "no-such-bucket",
}
