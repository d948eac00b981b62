-- `make lint` checks what is shipped against each Lua's own standard, and the rest against all of
-- them together.
std = "max"
max_line_length = 100
exclude_files = { "spec/node_modules", "spec/simulator/node_modules", "build", "types" }

files["spec"] = { std = "+busted" }
