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
    issues_url = "https://github.com/r2-temp-credentials/r2-temp-credentials/issues",
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
        ["r2.attempts"] = "lua/r2/attempts.lua",
        ["r2.clock"] = "lua/r2/clock.lua",
        ["r2.command.arguments"] = "lua/r2/command/arguments.lua",
        ["r2.command.files"] = "lua/r2/command/files.lua",
        ["r2.command"] = "lua/r2/command/init.lua",
        ["r2.command.keys"] = "lua/r2/command/keys.lua",
        ["r2.command.mint"] = "lua/r2/command/mint.lua",
        ["r2.command.parts"] = "lua/r2/command/parts.lua",
        ["r2.command.presign"] = "lua/r2/command/presign.lua",
        ["r2.command.sandbox"] = "lua/r2/command/sandbox.lua",
        ["r2.command.text"] = "lua/r2/command/text.lua",
        ["r2.command.token"] = "lua/r2/command/token.lua",
        ["r2.command.transport"] = "lua/r2/command/transport.lua",
        ["r2.export"] = "lua/r2/export.lua",
        ["r2.failure"] = "lua/r2/failure.lua",
        ["r2.fields"] = "lua/r2/fields.lua",
        ["r2"] = "lua/r2/init.lua",
        ["r2.issuer.api"] = "lua/r2/issuer/api.lua",
        ["r2.issuer.config"] = "lua/r2/issuer/config.lua",
        ["r2.issuer"] = "lua/r2/issuer/init.lua",
        ["r2.issuer.mint"] = "lua/r2/issuer/mint.lua",
        ["r2.issuer.object"] = "lua/r2/issuer/object.lua",
        ["r2.issuer.patterns"] = "lua/r2/issuer/patterns.lua",
        ["r2.issuer.pending"] = "lua/r2/issuer/pending.lua",
        ["r2.json"] = "lua/r2/json.lua",
        ["r2.shell"] = "lua/r2/shell.lua",
        ["r2.transport.curl"] = "lua/r2/transport/curl.lua",
        ["r2.transport.nginx"] = "lua/r2/transport/nginx.lua",
        ["r2.transport.resty"] = "lua/r2/transport/resty.lua",
        ["r2.transport.shared"] = "lua/r2/transport/shared.lua",
        ["r2.unseen"] = "lua/r2/unseen.lua",
        ["r2.temp_credentials"] = {
            sources = {
                "src/base/base64.c",
                "src/base/buffer.c",
                "src/base/clock.c",
                "src/base/error.c",
                "src/base/fields.c",
                "src/base/header.c",
                "src/base/json_decode.c",
                "src/base/json_find.c",
                "src/base/json_write.c",
                "src/base/jwt.c",
                "src/base/lending.c",
                "src/base/nfc.c",
                "src/base/resident.c",
                "src/base/s3_names.c",
                "src/base/secret.c",
                "src/base/sha256.c",
                "src/base/text.c",
                "src/base/url.c",
                "src/base/utc.c",
                "src/base/utf8.c",
                "src/credentials/api_answer.c",
                "src/credentials/api_request.c",
                "src/credentials/client.c",
                "src/credentials/config.c",
                "src/credentials/credentials.c",
                "src/credentials/permissions.c",
                "src/credentials/redact.c",
                "src/credentials/request.c",
                "src/credentials/session_token.c",
                "src/credentials/temp_credentials.c",
                "src/credentials/token.c",
            },
            libraries = { "crypto" },
        },
        ["r2.sigv4"] = {
            sources = {
                "src/base/base64.c",
                "src/base/buffer.c",
                "src/base/clock.c",
                "src/base/error.c",
                "src/base/fields.c",
                "src/base/header.c",
                "src/base/json_find.c",
                "src/base/json_write.c",
                "src/base/jwt.c",
                "src/base/lending.c",
                "src/base/percent.c",
                "src/base/resident.c",
                "src/base/s3_names.c",
                "src/base/secret.c",
                "src/base/sha256.c",
                "src/base/text.c",
                "src/base/url.c",
                "src/base/utc.c",
                "src/base/utf8.c",
                "src/sigv4/canonical.c",
                "src/sigv4/object_url.c",
                "src/sigv4/sign_input.c",
                "src/sigv4/signature.c",
                "src/sigv4/signing_key.c",
                "src/sigv4/sigv4.c",
            },
            libraries = { "crypto" },
        },
        ["r2.http"] = {
            sources = {
                "src/base/buffer.c",
                "src/base/error.c",
                "src/base/fields.c",
                "src/base/header.c",
                "src/base/json_write.c",
                "src/base/resident.c",
                "src/base/secret.c",
                "src/base/text.c",
                "src/base/url.c",
                "src/http/exchange.c",
                "src/http/hooks.c",
                "src/http/http.c",
                "src/http/http_request.c",
                "src/http/http_result.c",
                "src/http/jobs.c",
                "src/http/libcurl.c",
                "src/http/transfer.c",
            },
            libraries = { "curl" },
        },
    },
    install = {
        bin = { "bin/r2creds" },
        -- What LuaRocks copies by itself only where there are no copy_directories; the pages lie as
        -- the README's links have them.
        conf = {
            ["../doc/README.md"] = "README.md",
            ["../doc/LICENSE"] = "LICENSE",
            ["../doc/CHANGELOG.md"] = "CHANGELOG.md",
            ["../doc/docs/c-module.md"] = "docs/c-module.md",
            ["../doc/docs/http.md"] = "docs/http.md",
            ["../doc/docs/reference.md"] = "docs/reference.md",
            ["../doc/docs/signatures.md"] = "docs/signatures.md",
            ["../doc/docs/transports.md"] = "docs/transports.md",
        },
    },
    -- The command runs the sandbox from there.
    copy_directories = { "sandbox", "build-aux" },
}

test = {
    type = "command",
    command = "make check",
}
