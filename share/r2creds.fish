function __fish_r2creds_print_command
    set -l cmdline (commandline -poc)
    set -l cmd
    set -e cmdline[1]
    for arg in $cmdline
        switch $arg
            case mint
                set cmd $cmd mint
                set -e cmdline[1]
                for arg in $cmdline
                    switch $arg
                        case upload
                            set cmd $cmd upload
                            break
                        case client-upload
                            set cmd $cmd client-upload
                            break
                        case download
                            set cmd $cmd download
                            break
                        case service
                            set cmd $cmd service
                            break
                    end
                end
                break
            case exec
                set cmd $cmd exec
                set -e cmdline[1]
                for arg in $cmdline
                    switch $arg
                        case upload
                            set cmd $cmd upload
                            break
                        case client-upload
                            set cmd $cmd client-upload
                            break
                        case download
                            set cmd $cmd download
                            break
                        case service
                            set cmd $cmd service
                            break
                    end
                end
                break
            case inspect
                set cmd $cmd inspect
                break
            case verify
                set cmd $cmd verify
                break
            case presign
                set cmd $cmd presign
                break
            case put
                set cmd $cmd put
                break
            case get
                set cmd $cmd get
                break
            case ls
                set cmd $cmd ls
                break
            case rm
                set cmd $cmd rm
                break
            case cors
                set cmd $cmd cors
                break
            case doctor
                set cmd $cmd doctor
                break
            case sandbox
                set cmd $cmd sandbox
                break
        end
    end
    echo "$cmd"
end

function __fish_r2creds_using_command
    test (__fish_r2creds_print_command) = "$argv"
    and return 0
    or return 1
end

function __fish_r2creds_seen_command
    string match -q "$argv*" (__fish_r2creds_print_command)
    and return 0
    or return 1
end

complete -c r2creds -n '__fish_r2creds_using_command' -xa 'mint' -d 'Make a credential'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'exec' -d 'Run a program with a credential'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'inspect' -d 'Show what a session token allows'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'verify' -d 'Verify a session token'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'presign' -d 'Make a URL that opens one object'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'put' -d 'Upload files as objects'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'get' -d 'Download objects as files'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'ls' -d 'List objects'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'rm' -d 'Delete objects'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'cors' -d 'Say which pages may upload'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'doctor' -d 'Find out what is wrong with the keys'
complete -c r2creds -n '__fish_r2creds_using_command' -xa 'sandbox' -d 'Run R2\'s API on this machine, to try things'
complete -c r2creds -s h -l help -d 'Show this help'
complete -c r2creds -l version -d 'Show the version'

complete -c r2creds -n '__fish_r2creds_using_command mint' -xa 'upload' -d 'Write only, for an hour'
complete -c r2creds -n '__fish_r2creds_using_command mint' -xa 'client-upload' -d 'Write only, below uploads/USER/, for 15 minutes'
complete -c r2creds -n '__fish_r2creds_using_command mint' -xa 'download' -d 'Read only, exactly these objects, for an hour'
complete -c r2creds -n '__fish_r2creds_using_command mint' -xa 'service' -d 'Read and write, below one prefix, for 12 hours'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l bucket -r -d 'The bucket'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l permission -xa 'admin-read-only admin-read-write object-read-only object-read-write object-write-only' -d 'admin-read-only, admin-read-write, object-read-only, object-read-write, object-write-only'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l action -r -d 'One S3 operation, GetObject for instance, in place of a permission'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l prefix -r -d 'Open keys that begin so; end it with a slash'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l object -r -d 'Open exactly this key'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l parent-access-key-id -r -d 'Another parent key, through the API'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l format -xa 'env dotenv process container rclone sdk json' -d 'How it is printed: env, dotenv, process, container, rclone, sdk, json; env by default'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l json -d 'The same as --format json'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l cache -d 'Keep what the API makes in a file of your own, and print that while it is good'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command mint' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l prefix -r -d 'Open keys that begin so; end it with a slash'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l object -r -d 'Open exactly this key'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l format -xa 'env dotenv process container rclone sdk json' -d 'How it is printed: env, dotenv, process, container, rclone, sdk, json; env by default'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l json -d 'The same as --format json'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l cache -d 'Keep what the API makes in a file of your own, and print that while it is good'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command mint upload' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l format -xa 'env dotenv process container rclone sdk json' -d 'How it is printed: env, dotenv, process, container, rclone, sdk, json; env by default'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l json -d 'The same as --format json'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l cache -d 'Keep what the API makes in a file of your own, and print that while it is good'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command mint client-upload' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command mint download' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l format -xa 'env dotenv process container rclone sdk json' -d 'How it is printed: env, dotenv, process, container, rclone, sdk, json; env by default'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l json -d 'The same as --format json'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l cache -d 'Keep what the API makes in a file of your own, and print that while it is good'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command mint download' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command mint service' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l format -xa 'env dotenv process container rclone sdk json' -d 'How it is printed: env, dotenv, process, container, rclone, sdk, json; env by default'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l json -d 'The same as --format json'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l cache -d 'Keep what the API makes in a file of your own, and print that while it is good'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command mint service' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_using_command exec' -xa 'upload' -d 'Write only, for an hour'
complete -c r2creds -n '__fish_r2creds_using_command exec' -xa 'client-upload' -d 'Write only, below uploads/USER/, for 15 minutes'
complete -c r2creds -n '__fish_r2creds_using_command exec' -xa 'download' -d 'Read only, exactly these objects, for an hour'
complete -c r2creds -n '__fish_r2creds_using_command exec' -xa 'service' -d 'Read and write, below one prefix, for 12 hours'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l bucket -r -d 'The bucket'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l permission -xa 'admin-read-only admin-read-write object-read-only object-read-write object-write-only' -d 'admin-read-only, admin-read-write, object-read-only, object-read-write, object-write-only'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l action -r -d 'One S3 operation, GetObject for instance, in place of a permission'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l prefix -r -d 'Open keys that begin so; end it with a slash'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l object -r -d 'Open exactly this key'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l parent-access-key-id -r -d 'Another parent key, through the API'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command exec' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l prefix -r -d 'Open keys that begin so; end it with a slash'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l object -r -d 'Open exactly this key'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command exec upload' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command exec client-upload' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command exec client-upload' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command exec client-upload' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command exec client-upload' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command exec client-upload' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command exec client-upload' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command exec client-upload' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command exec download' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command exec download' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command exec download' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command exec download' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command exec download' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command exec download' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command exec download' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command exec service' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command exec service' -l ttl -r -d 'How long: 900, 15m, 12h, 7d; at most 7 days'
complete -c r2creds -n '__fish_r2creds_seen_command exec service' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command exec service' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command exec service' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command exec service' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command exec service' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command inspect' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command inspect' -l json -d 'Print JSON'

complete -c r2creds -n '__fish_r2creds_seen_command verify' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command verify' -l json -d 'Print JSON'
complete -c r2creds -n '__fish_r2creds_seen_command verify' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'

complete -c r2creds -n '__fish_r2creds_seen_command presign' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command presign' -l expires -r -d 'How long: 900, 15m, 12h, 7d; 15 minutes by default'
complete -c r2creds -n '__fish_r2creds_seen_command presign' -l json -d 'Print JSON, with the time at which it ends'
complete -c r2creds -n '__fish_r2creds_seen_command presign' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command presign' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command presign' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command presign' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command presign' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command put' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l content-type -r -d 'What it is, text/plain for one; by default what the key\'s ending says'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l no-overwrite -d 'Fail when the object is there already; of several files, leave it'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l recursive -d 'Take folders, and those in them'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l parallel -r -d 'So many parts, and objects, at a time; 4 by default'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l resume -r -d 'Note in this file what is done of a large object, and go on from there the next time'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l json -d 'Print JSON: key, size and etag'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command put' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command get' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l json -d 'Print JSON: key, size, etag, content_type and last_modified'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l recursive -d 'Every object below the prefix'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l parallel -r -d 'So many parts, and objects, at a time; 4 by default'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l resume -r -d 'Note in this file what is done of a large object, and go on from there the next time'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command get' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command ls' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command ls' -l recursive -d 'Every object, and not what has a further slash as one prefix'
complete -c r2creds -n '__fish_r2creds_seen_command ls' -l json -d 'Print JSON, one object a line'
complete -c r2creds -n '__fish_r2creds_seen_command ls' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command ls' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command ls' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command ls' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command ls' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command rm' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command rm' -l recursive -d 'Every object below the prefix'
complete -c r2creds -n '__fish_r2creds_seen_command rm' -l yes -d 'Do not ask'
complete -c r2creds -n '__fish_r2creds_seen_command rm' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command rm' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command rm' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command rm' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command rm' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command cors' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command cors' -l origin -r -d 'A page\'s origin, https://app.example.com for one'
complete -c r2creds -n '__fish_r2creds_seen_command cors' -l delete -d 'Take the rule of this command away'
complete -c r2creds -n '__fish_r2creds_seen_command cors' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command cors' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command cors' -l api-base-url -r -d 'Ask the API there, and not where CLOUDFLARE_BASE_URL says'
complete -c r2creds -n '__fish_r2creds_seen_command cors' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command cors' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command doctor' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command doctor' -l write -d 'Put, read and delete an object below r2-doctor/, too'
complete -c r2creds -n '__fish_r2creds_seen_command doctor' -l json -d 'Print a line of JSON for each check'
complete -c r2creds -n '__fish_r2creds_seen_command doctor' -l env-file -r -d 'Take the keys from this file of NAME=value lines, and none from the environment'
complete -c r2creds -n '__fish_r2creds_seen_command doctor' -l mode -xa 'auto local api' -d 'auto (sign when the secret is there, else ask the API), local, or api'
complete -c r2creds -n '__fish_r2creds_seen_command doctor' -l ca-file -r -d 'Trust the certificates in this file (PEM)'
complete -c r2creds -n '__fish_r2creds_seen_command doctor' -l timeout -r -d 'Give up asking after this time; 30 seconds by default'

complete -c r2creds -n '__fish_r2creds_seen_command sandbox' -s h -l help -d 'Show this help'
complete -c r2creds -n '__fish_r2creds_seen_command sandbox' -l port -r -d 'Where it listens; 8787 by default'
