_r2creds() {
    local IFS=$' \t\n'
    local args cur prev cmd opts arg
    args=("${COMP_WORDS[@]}")
    cur="${COMP_WORDS[COMP_CWORD]}"
    prev="${COMP_WORDS[COMP_CWORD-1]}"
    opts="-h --help --version"

    args=("${args[@]:1}")
    for arg in "${args[@]}"; do
        case "$arg" in
            mint)
                cmd="mint"
                opts="$opts -h --help --bucket --permission --action --prefix --object --parent-access-key-id --ttl --format --json --cache --env-file --mode --api-base-url --ca-file --timeout"
                args=("${args[@]:1}")
                for arg in "${args[@]}"; do
                    case "$arg" in
                        upload)
                            cmd="$cmd upload"
                            opts="$opts -h --help --prefix --object --ttl --format --json --cache --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                        client-upload)
                            cmd="$cmd client-upload"
                            opts="$opts -h --help --ttl --format --json --cache --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                        download)
                            cmd="$cmd download"
                            opts="$opts -h --help --ttl --format --json --cache --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                        service)
                            cmd="$cmd service"
                            opts="$opts -h --help --ttl --format --json --cache --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                    esac
                done
                break
                ;;
            exec)
                cmd="exec"
                opts="$opts -h --help --bucket --permission --action --prefix --object --parent-access-key-id --ttl --env-file --mode --api-base-url --ca-file --timeout"
                args=("${args[@]:1}")
                for arg in "${args[@]}"; do
                    case "$arg" in
                        upload)
                            cmd="$cmd upload"
                            opts="$opts -h --help --prefix --object --ttl --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                        client-upload)
                            cmd="$cmd client-upload"
                            opts="$opts -h --help --ttl --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                        download)
                            cmd="$cmd download"
                            opts="$opts -h --help --ttl --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                        service)
                            cmd="$cmd service"
                            opts="$opts -h --help --ttl --env-file --mode --api-base-url --ca-file --timeout"
                            break
                            ;;
                    esac
                done
                break
                ;;
            inspect)
                cmd="inspect"
                opts="$opts -h --help --json"
                break
                ;;
            verify)
                cmd="verify"
                opts="$opts -h --help --json --env-file"
                break
                ;;
            presign)
                cmd="presign"
                opts="$opts -h --help --expires --json --env-file --mode --api-base-url --ca-file --timeout"
                break
                ;;
            put)
                cmd="put"
                opts="$opts -h --help --content-type --no-overwrite --recursive --parallel --resume --json --env-file --mode --api-base-url --ca-file --timeout"
                break
                ;;
            get)
                cmd="get"
                opts="$opts -h --help --json --recursive --parallel --resume --env-file --mode --api-base-url --ca-file --timeout"
                break
                ;;
            ls)
                cmd="ls"
                opts="$opts -h --help --recursive --json --env-file --mode --api-base-url --ca-file --timeout"
                break
                ;;
            rm)
                cmd="rm"
                opts="$opts -h --help --recursive --yes --env-file --mode --api-base-url --ca-file --timeout"
                break
                ;;
            cors)
                cmd="cors"
                opts="$opts -h --help --origin --delete --env-file --mode --api-base-url --ca-file --timeout"
                break
                ;;
            doctor)
                cmd="doctor"
                opts="$opts -h --help --write --json --env-file --mode --ca-file --timeout"
                break
                ;;
            sandbox)
                cmd="sandbox"
                opts="$opts -h --help --port"
                break
                ;;
        esac
    done

    case "$cmd" in
        '')
            COMPREPLY=($(compgen -W "mint exec inspect verify presign put get ls rm cors doctor sandbox" -- "$cur"))
            ;;
        'mint')
            case "$prev" in
                --bucket)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --permission)
                    COMPREPLY=($(compgen -W "admin-read-only admin-read-write object-read-only object-read-write object-write-only" -- "$cur"))
                    return 0
                    ;;
                --action)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --prefix)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --object)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --parent-access-key-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "env dotenv process container rclone sdk json" -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            COMPREPLY=($(compgen -W "upload client-upload download service" -- "$cur"))
            ;;
        'mint upload')
            case "$prev" in
                --prefix)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --object)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "env dotenv process container rclone sdk json" -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'mint client-upload')
            case "$prev" in
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "env dotenv process container rclone sdk json" -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'mint download')
            case "$prev" in
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "env dotenv process container rclone sdk json" -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'mint service')
            case "$prev" in
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "env dotenv process container rclone sdk json" -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'exec')
            case "$prev" in
                --bucket)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --permission)
                    COMPREPLY=($(compgen -W "admin-read-only admin-read-write object-read-only object-read-write object-write-only" -- "$cur"))
                    return 0
                    ;;
                --action)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --prefix)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --object)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --parent-access-key-id)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            COMPREPLY=($(compgen -W "upload client-upload download service" -- "$cur"))
            ;;
        'exec upload')
            case "$prev" in
                --prefix)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --object)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'exec client-upload')
            case "$prev" in
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'exec download')
            case "$prev" in
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'exec service')
            case "$prev" in
                --ttl)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'verify')
            case "$prev" in
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'presign')
            case "$prev" in
                --expires)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'put')
            case "$prev" in
                --content-type)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --parallel)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'get')
            case "$prev" in
                --parallel)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --resume)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'ls')
            case "$prev" in
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'rm')
            case "$prev" in
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'cors')
            case "$prev" in
                --origin)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --api-base-url)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'doctor')
            case "$prev" in
                --env-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --mode)
                    COMPREPLY=($(compgen -W "auto local api" -- "$cur"))
                    return 0
                    ;;
                --ca-file)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
        'sandbox')
            case "$prev" in
                --port)
                    COMPREPLY=($(compgen -f -- "$cur"))
                    return 0
                    ;;
            esac

            ;;
    esac

    if [[ "$cur" = -* ]]; then
        COMPREPLY=($(compgen -W "$opts" -- "$cur"))
    fi
}

complete -F _r2creds -o bashdefault -o default r2creds
