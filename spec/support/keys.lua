-- Demonstration keys: they have the right form and open nothing. Never put real ones here.
return {
  account_id = ("acc0"):rep(8),
  another_account_id = ("acc1"):rep(8),
  parent_access_key_id = ("1dea"):rep(8),
  another_parent_access_key_id = ("1deb"):rep(8),
  api_token = "demonstration-token-that-opens-nothing-1",
  -- printf %s "$api_token" | sha256sum
  parent_secret_access_key = "7994270efff261c7043d60c21622764fe79208078191374475a15f15d30dc5af",
  another_parent_secret_access_key = ("5ec7"):rep(16),
}
