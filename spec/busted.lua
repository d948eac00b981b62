-- Busted's command line, run by whichever Lua runs this file (the command `busted` picks its own).
require "busted.runner" { standalone = false }
