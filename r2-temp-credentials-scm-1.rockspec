rockspec_format = "3.0"
package = "r2-temp-credentials"
version = "scm-1"

source = {
    url = "git+https://github.com/r2-temp-credentials/r2-temp-credentials.git",
}

description = {
    summary = "Temporary credentials for Cloudflare R2: signed here, or asked for",
    detailed = [[
Short-lived S3 credentials for Cloudflare R2, cut down to one bucket, a set of
operations and a set of paths. They are signed where your program runs, without
a request to anybody, or asked of Cloudflare's API, without blocking where that
matters. For Lua 5.1 to 5.4 and LuaJIT.]],
    homepage = "https://github.com/r2-temp-credentials/r2-temp-credentials",
    license = "MIT",
    labels = { "cloudflare", "r2", "s3", "credentials", "security" },
}

dependencies = {
    "lua >= 5.1, < 5.5",
    "lua-cjson >= 2.1.0",
    "argparse >= 0.7.0",
}

-- No external_dependencies: from `libraries` LuaRocks derives CRYPTO, and CRYPTO_DIR for one that is
-- elsewhere; the compiler finds the headers, wherever in its own folders a system keeps them.
build = {
    type = "builtin",
    modules = {
        ["r2"] = "lua/r2/init.lua",
        ["r2.api"] = "lua/r2/api.lua",
        ["r2.command"] = "lua/r2/command/init.lua",
        ["r2.command.arguments"] = "lua/r2/command/arguments.lua",
        ["r2.command.files"] = "lua/r2/command/files.lua",
        ["r2.command.keys"] = "lua/r2/command/keys.lua",
        ["r2.command.mint"] = "lua/r2/command/mint.lua",
        ["r2.command.parts"] = "lua/r2/command/parts.lua",
        ["r2.command.presign"] = "lua/r2/command/presign.lua",
        ["r2.command.sandbox"] = "lua/r2/command/sandbox.lua",
        ["r2.command.text"] = "lua/r2/command/text.lua",
        ["r2.command.token"] = "lua/r2/command/token.lua",
        ["r2.command.transport"] = "lua/r2/command/transport.lua",
        ["r2.config"] = "lua/r2/config.lua",
        ["r2.export"] = "lua/r2/export.lua",
        ["r2.failure"] = "lua/r2/failure.lua",
        ["r2.fields"] = "lua/r2/fields.lua",
        ["r2.issuer"] = "lua/r2/issuer.lua",
        ["r2.json"] = "lua/r2/json.lua",
        ["r2.pending"] = "lua/r2/pending.lua",
        ["r2.transport.curl"] = "lua/r2/transport/curl.lua",
        ["r2.transport.nginx"] = "lua/r2/transport/nginx.lua",
        ["r2.transport.resty"] = "lua/r2/transport/resty.lua",
        ["r2.transport.shared"] = "lua/r2/transport/shared.lua",
        ["r2.temp_credentials"] = {
            sources = {
                "src/text.c",
                "src/sha256.c",
                "src/url.c",
                "src/names.c",
                "src/json.c",
                "src/error.c",
                "src/fields.c",
                "src/clock.c",
                "src/config.c",
                "src/request.c",
                "src/token.c",
                "src/credentials.c",
                "src/exchange.c",
                "src/client.c",
                "src/session_token.c",
                "src/temp_credentials.c",
            },
            libraries = { "crypto" },
        },
        ["r2.sigv4"] = {
            sources = {
                "src/text.c",
                "src/sha256.c",
                "src/url.c",
                "src/names.c",
                "src/json.c",
                "src/percent.c",
                "src/canonical.c",
                "src/signing_key.c",
                "src/signature.c",
                "src/error.c",
                "src/fields.c",
                "src/clock.c",
                "src/token.c",
                "src/object_url.c",
                "src/sign_input.c",
                "src/sigv4.c",
            },
            libraries = { "crypto" },
        },
        ["r2.http"] = {
            sources = {
                "src/text.c",
                "src/url.c",
                "src/error.c",
                "src/fields.c",
                "src/transfer.c",
                "src/http_hooks.c",
                "src/http_jobs.c",
                "src/http_request.c",
                "src/http_result.c",
                "src/http_exchange.c",
                "src/http.c",
            },
            libraries = { "curl", "m" },
        },
    },
    install = { bin = { "bin/r2creds" } },
    -- The command runs the sandbox from there.
    copy_directories = { "sandbox", "build-aux" },
}
