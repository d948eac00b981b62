---@meta r2.temp_credentials

-- The C module is described in types/r2.lua.
return require("r2").temp_credentials
