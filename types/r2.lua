---@meta r2

-- What the Lua language server knows of this library: add the folder types/ to
-- Lua.workspace.library. Nothing here is ever run.

---@alias r2.PermissionName
---| "object-read-only"
---| "object-write-only" # signed as the actions of `r2.actions().WRITE_ONLY`
---| "object-read-write"
---| "admin-read-only"
---| "admin-read-write"

---@alias r2.ActionName
---| "HeadObject"
---| "GetObject"
---| "GetBucketLocation"
---| "ListObjectsV1"
---| "ListObjectsV2"
---| "ListMultipartUploads"
---| "ListParts"
---| "PutObject"
---| "DeleteObject"
---| "DeleteObjects"
---| "CopyObject"
---| "CreateMultipartUpload"
---| "UploadPart"
---| "UploadPartCopy"
---| "AbortMultipartUpload"
---| "CompleteMultipartUpload"

---@alias r2.ErrorKind
---| "invalid_config"
---| "invalid_request"
---| "unsupported"
---| "invalid_token"
---| "expired"
---| "api"
---| "rate_limited"
---| "bad_response"
---| "network"
---| "tls"
---| "timeout"
---| "cancelled" # by `Task:cancel`, by a function of the program, or by a `close` meanwhile
---| "file" # a file on this machine

---The third value of what failed. Programs branch on `kind`; texts may change.
---@class (exact) r2.Error
---@field kind r2.ErrorKind
---@field message string one line, without secrets
---@field reason string the message without what is to blame
---@field field? string the field or argument that is to blame
---@field item? integer|string which item of the field: of a list its number, of a table its name
---@field variable? string the environment variable that has, or lacks, it: from `r2.from_env`
---@field status? integer HTTP status
---@field retryable? boolean the same request may succeed later
---@field code? integer|string the API's code; S3's name of it; a file's: ENOSPC
---@field errors? r2.ApiError[] what the API sent, at most 10
---@field request_id? string names the request at R2
---@field ray_id? string names the request at Cloudflare
---@field retry_after? integer seconds
---@field sent? false nothing of the request went out
---@field attempts? integer attempts that were made; libcurl may send one twice
---@field outcome? "unknown" of a bucket: whether it was done is not known
---@field deleted? string[] of `Bucket:delete` with a list: keys that are gone
---@field refused? table<string, r2.Error> the same: those that are not, and why

---@class (exact) r2.ApiError
---@field code? integer
---@field message string

---What `r2.temp_credentials.new` takes. At least one of `parent_secret_access_key` and `api_token`
---is required.
---@class (exact) r2.ClientConfiguration
---@field account_id string 32 lower-case hex characters
---@field parent_access_key_id? string 32 lower-case hex characters; required beside its secret
---@field parent_secret_access_key? string 64 lower-case hex characters: signs
---@field api_token? string 1 to 512 visible ASCII characters: asks the API
---@field jurisdiction? string a DNS label in lower case, "eu" for one
---@field endpoint? string https://host or https://host:port; never beside `jurisdiction`
---@field whole_bucket? boolean default true; false refuses requests without prefixes and objects
---@field max_token_bytes? integer 1 to 1048576, default 8000
---@field api_base_url? string default https://api.cloudflare.com/client/v4
---@field user_agent? string 1 to 256 printable ASCII characters

---What `r2.new` takes.
---@class (exact) r2.Configuration: r2.ClientConfiguration
---@field mode? "auto"|"local"|"api" default "auto": signs when it can
---@field clock? fun(): number Unix seconds; default the machine's clock
---@field random? fun(): number from 0 to 1: spreads the waits between attempts
---@field transport? r2.Transport
---@field timeout_seconds? number above 0, at most 3600, default 30
---@field max_attempts? integer 1 to 10, default 3
---@field ca_file? string path of a PEM file

---What `r2.from_env` takes: all of `r2.Configuration`, nothing required. Options win over the
---environment.
---@class (exact) r2.EnvironmentOptions
---@field account_id? string else CLOUDFLARE_ACCOUNT_ID
---@field parent_access_key_id? string else R2_ACCESS_KEY_ID
---@field parent_secret_access_key? string else R2_SECRET_ACCESS_KEY
---@field api_token? string else CLOUDFLARE_API_TOKEN
---@field jurisdiction? string else R2_JURISDICTION
---@field endpoint? string else R2_ENDPOINT
---@field whole_bucket? boolean
---@field max_token_bytes? integer
---@field api_base_url? string else CLOUDFLARE_BASE_URL
---@field user_agent? string
---@field mode? "auto"|"local"|"api"
---@field clock? fun(): number
---@field random? fun(): number
---@field transport? r2.Transport
---@field timeout_seconds? number
---@field max_attempts? integer
---@field ca_file? string

---See docs/transports.md. `r2.transport.curl`, `r2.transport.resty` and `r2.transport.nginx` each have
---a function `new(options)`, which makes one, or returns nil, a message and an error of kind
---`invalid_config`.
---@class r2.Transport
---@field perform function
---@field sleep function

---`bucket`, `ttl_seconds` and one of `permission` and `actions` are required.
---@class (exact) r2.Request
---@field bucket string 3 to 63 lower-case letters, digits and inner hyphens
---@field permission? r2.PermissionName never beside `actions`
---@field actions? r2.ActionName[] one or more
---@field ttl_seconds integer 1 to 604800
---@field prefixes? string[] one or more, each 1 to 1024 bytes of UTF-8, best in NFC; end them with a slash
---@field objects? string[] one or more exact keys, best in NFC; without prefixes and objects: the whole bucket
---@field parent_access_key_id? string another parent of the account: through the API only

---Configuration and request in one table.
---@class (exact) r2.ConfigurationAndRequest: r2.ClientConfiguration, r2.Request

---A temporary credential. `tostring` shows the key id and the expiry.
---@class (exact) r2.Credentials
---@field access_key_id string
---@field secret_access_key string secret
---@field session_token string secret
---@field expires_at integer Unix seconds
---@field bucket string
---@field endpoint string URL without a final slash

---@class (exact) r2.Claims
---@field bucket string
---@field scope? r2.PermissionName
---@field actions? r2.ActionName[]
---@field paths? { prefixPaths?: string[], objectPaths?: string[] } absent = the whole bucket
---@field sub string account id
---@field iss string parent access key id
---@field aud string host of the endpoint
---@field iat integer Unix seconds
---@field exp integer Unix seconds

---@class (exact) r2.HttpRequest
---@field method "POST"
---@field url string
---@field headers table<string, string> names in lower case; `authorization` is a secret
---@field body string

---@class (exact) r2.Options
---@field ttl_seconds? integer 1 to 604800

---@class (exact) r2.UploadOptions: r2.Options
---@field prefixes? string[]
---@field objects? string[]

---@class (exact) r2.Permissions
---@field OBJECT_READ_ONLY "object-read-only"
---@field OBJECT_WRITE_ONLY "object-write-only"
---@field OBJECT_READ_WRITE "object-read-write"
---@field ADMIN_READ_ONLY "admin-read-only"
---@field ADMIN_READ_WRITE "admin-read-write"

---@class (exact) r2.Actions
---@field READ r2.ActionName[]
---@field WRITE r2.ActionName[]
---@field MULTIPART r2.ActionName[]
---@field ALL r2.ActionName[]
---@field WRITE_ONLY r2.ActionName[]

-- ---- the module r2 ----

---@class r2
---@field _VERSION string
---@field permission r2.Permissions
---@field temp_credentials r2.TempCredentials the C module
---@field sigv4 r2.SigV4 the C module r2.sigv4, required on first use
---@field export r2.Export required on first use
---@field http r2.HttpModule the C module r2.http, required on first use
local r2 = {}

---Makes an issuer. Nothing is opened or sent.
---@param settings r2.Configuration
---@return r2.Issuer? issuer
---@return string? message
---@return r2.Error? err kind `invalid_config`
function r2.new(settings) end

---Makes an issuer from CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN, CLOUDFLARE_BASE_URL,
---R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY, R2_JURISDICTION, R2_ENDPOINT. An empty variable counts as
---unset.
---@param options? r2.EnvironmentOptions
---@return r2.Issuer? issuer
---@return string? message
---@return r2.Error? err kind `invalid_config`
function r2.from_env(options) end

---The secret access key of an API token: the lower-case hex SHA-256 of its value.
---@param token string 1 to 512 visible ASCII characters
---@return string? secret 64 hex characters
---@return string? message
---@return r2.Error? err kind `invalid_config`
function r2.secret_from_api_token(token) end

---R2's action names, a fresh table.
---@return r2.Actions
function r2.actions() end

---Makes a bucket. Nothing is opened or sent. Required on first use.
---@param settings r2.BucketConfiguration
---@return r2.Bucket? bucket
---@return string? message
---@return r2.Error? err kind `invalid_config`
function r2.bucket(settings) end

-- ---- tasks ----

---A function that runs while its program does other things, from `r2.task` and `Issuer:start`.
---@class r2.Task
local Task = {}

---Goes on as far as it can without waiting. Raises what the function raised.
---@return any ... false while it is under way, then what the function returns
function Task:poll() end

---Whether the function has ended. Nothing is driven.
---@return boolean
function Task:done() end

---Waits: blocks the whole process or, in another task, yields.
---@param seconds? number at most; default until the function has ended
---@return any ... as from `poll`
function Task:wait(seconds) end

---Gives it up: what the function waits for is an error of kind `cancelled`; what is to be undone is.
---A second time it ends the function where it is.
function Task:cancel() end

---Runs a function in a coroutine in which everything of this library that would wait yields to
---whoever polls the task.
---@param f function
---@param ... any its arguments
---@return r2.Task? task
---@return string? message
---@return r2.Error? err kind `unsupported`, inside nginx
function r2.task(f, ...) end

-- ---- a provider ----

---One credential that is always fresh, from `r2.provider`; `r2.bucket` takes it as its credentials.
---@class r2.Provider
local Provider = {}

---A valid credential: the one that is there, or, towards its end, another one. All callers have the
---same table.
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err as from `Issuer:create`, when none is left that is valid
function Provider:get() end

---Says that a credential is over: the next `get` brings another one.
---@param credentials r2.Credentials told by its session token
function Provider:invalidate(credentials) end

---@class (exact) r2.ProviderOptions
---@field advisory_seconds? number before its end, one caller renews it; default a quarter of its life, at most 600
---@field mandatory_seconds? number before its end, callers wait for that; default a twentieth, 5 to 60
---@field made? fun(credentials: r2.Credentials) gets each credential that this provider has made
---@field shared? table a dictionary of nginx's, `ngx.shared.NAME`: one credential for all workers
---@field clock? fun(): number Unix seconds; default the issuer's
---@field random? fun(): number 0 to 1

---@param issuer r2.Issuer
---@param request r2.Request
---@param options? r2.ProviderOptions
---@return r2.Provider? provider
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `invalid_config`, `unsupported`
function r2.provider(issuer, request, options) end

-- ---- two parents ----

---An issuer of two parents, from `r2.rotating`: an issuer's methods, by the one that is in use.
---@class r2.Rotating: r2.Issuer
local Rotating = {}

---Checks a session token that one of the two parents has signed.
---@param session_token string
---@return r2.Claims? claims
---@return string? message
---@return r2.Error? err kinds `invalid_token`, `expired`
function Rotating:verify(session_token) end

---Where it stands. Asks nobody.
---@return "old"|"proven"|"new" progress
---@return string? message what the last proof failed with
---@return r2.Error? err
function Rotating:progress() end

---Looks now whether the new parent is known, and waits for the answer: for programs that make
---credentials rarely.
---@param bucket string
---@return "old"|"proven"|"new"|nil progress
---@return string? message what the last proof failed with
---@return r2.Error? err kind `invalid_request` where there is no progress
function Rotating:prove(bucket) end

---Closes both issuers.
function Rotating:close() end

---@class (exact) r2.RotatingConfiguration
---@field old r2.Issuer
---@field new r2.Issuer of the same account
---@field prove? fun(bucket: string): boolean?, string?, r2.Error? whether R2 knows the new parent; required where the new issuer asks the API

---Makes an issuer of two parents: the old one is in use until R2 knows the new one, and for a minute
---more.
---@param configuration r2.RotatingConfiguration
---@return r2.Rotating? rotating
---@return string? message
---@return r2.Error? err kind `invalid_config`
function r2.rotating(configuration) end

-- ---- vending ----

---What an audit gets of each credential that is made.
---@class (exact) r2.AuditEntry
---@field who string the user, or the name of a location for SDKs
---@field what string JSON: bucket, permission or actions, paths
---@field expires_at integer Unix seconds
---@field fingerprint string 16 hex digits

---@class (exact) r2.VendConfiguration
---@field issuer r2.Issuer
---@field request r2.Request|fun(user: string, body: table): r2.Request? for SDKs, or for pages
---@field shared? table a dictionary of nginx's, `ngx.shared.NAME`
---@field audit? fun(entry: r2.AuditEntry)
---@field token? string for SDKs: 16 to 4096 visible ASCII characters
---@field token_file? string for SDKs: the path of a file with the token
---@field name? string for SDKs: who they are in the audit; default "sdk"
---@field origins? string[] for pages
---@field user? fun(): string? for pages: who asks
---@field providers_max? integer for pages, 1 to 100000; default 1000
---@field clock? fun(): number Unix seconds; default the issuer's
---@field random? fun(): number 0 to 1

---Makes a handler for a location of nginx that hands out credentials, to AWS SDKs or to pages.
---@param configuration r2.VendConfiguration
---@return fun()? handler
---@return string? message
---@return r2.Error? err kinds `invalid_config`, `invalid_request`, `unsupported`
function r2.vend(configuration) end

-- ---- an issuer ----

---Made by `r2.new` and `r2.from_env`. All methods raise after `close`.
---@class r2.Issuer
local Issuer = {}

---Makes one credential.
---@param request r2.Request
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `unsupported`; from the API also `network`, `tls`,
---`timeout`, `rate_limited`, `api`, `bad_response`, `invalid_config`, `cancelled`
function Issuer:create(request) end

---Begins to make one credential and returns at once.
---@param request r2.Request
---@return r2.Task? task
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `invalid_config`, `unsupported`
function Issuer:start(request) end

---Whether `create` would sign this request; else it asks the API, which takes no actions.
---@param request r2.Request need not be complete
---@return boolean
function Issuer:signs(request) end

---A write-only credential, for an hour.
---@param bucket string
---@param options? r2.UploadOptions
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err kinds as from `Issuer:create`
function Issuer:upload_credentials(bucket, options) end

---A write-only credential for the prefix uploads/<user_id>/, for 15 minutes.
---@param user_id string in NFC, not empty, "." or "..", without slash, backslash and control characters
---@param bucket string
---@param options? r2.Options
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err kinds as from `Issuer:create`
function Issuer:client_upload_credentials(user_id, bucket, options) end

---A read-only credential for exactly these objects, for an hour.
---@param bucket string
---@param object_keys string[] one or more, in NFC
---@param options? r2.Options
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err kinds as from `Issuer:create`
function Issuer:download_credentials(bucket, object_keys, options) end

---A read-write credential for one prefix, for 12 hours.
---@param bucket string
---@param service_prefix string in NFC, ends with a slash
---@param options? r2.Options
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err kinds as from `Issuer:create`
function Issuer:service_credentials(bucket, service_prefix, options) end

---A presigned URL, signed with a credential of its own: for one action on one object, until the
---URL ends. PUT and DELETE need the parent's secret.
---@param method "GET"|"HEAD"|"PUT"|"DELETE"
---@param bucket string
---@param key string in NFC
---@param options? r2.IssuerPresignOptions
---@return string? url secret
---@return string? message
---@return r2.Error? err kinds as from `Issuer:create`
function Issuer:presign(method, bucket, key, options) end

---Checks a session token that the parent has signed.
---@param session_token string
---@return r2.Claims? claims
---@return string? message
---@return r2.Error? err kinds `invalid_token`, `expired`, `unsupported`
function Issuer:verify(session_token) end

---Wipes the keys. Closing twice is fine.
function Issuer:close() end

-- ---- a bucket ----

---What hands out credentials, and is told when R2 calls some over.
---@class r2.CredentialsProvider
---@field get fun(self: r2.CredentialsProvider): r2.Credentials?, string?, r2.Error?
---@field invalidate fun(self: r2.CredentialsProvider, credentials: r2.Credentials)

---What `r2.bucket` takes.
---@class (exact) r2.BucketConfiguration
---@field credentials r2.Credentials|r2.SigningCredentials|r2.CredentialsProvider
---@field name? string default the credentials' bucket
---@field endpoint? string https://host or https://host:port, default the credentials' own
---@field clock? fun(): number Unix seconds; default the machine's clock
---@field random? fun(): number from 0 to 1: spreads the waits between attempts
---@field transport? r2.Transport
---@field ca_file? string path of a PEM file
---@field max_attempts? integer 1 to 10, default 3
---@field timeout_seconds? number of silence, above 0, at most 604800, default 60
---@field deadline_seconds? number for a whole call, above 0, at most 604800, default none
---@field part_bytes? integer of uploads and downloads in parts, 5242880 to 5363466240
---@field parallel? integer how many parts at a time, 1 to 64, default 4

---@alias r2.Body string|(fun(room: integer): string?)|file*

---What `Bucket:head` and `Bucket:get` take.
---@class (exact) r2.ReadConditions
---@field if_match? string an ETag, or "*"
---@field if_none_match? string an ETag, or "*"
---@field if_modified_since? number Unix seconds
---@field if_unmodified_since? number Unix seconds

---@class (exact) r2.GetOptions: r2.ReadConditions
---@field range? integer[] { first, last } from 0, both included; { first } to the end; { -n } the last n
---@field output? (fun(piece: string): any)|file* takes the body
---@field progress? fun(done: integer, total: integer): any

---What is kept of an object beside its bytes.
---@class (exact) r2.KeptOptions
---@field content_type? string default by the key's ending
---@field cache_control? string
---@field content_disposition? string
---@field content_encoding? string
---@field content_language? string
---@field expires? number Unix seconds
---@field metadata? table<string, string> names in lower case, visible ASCII

---@class (exact) r2.PutOptions: r2.KeptOptions, r2.ReadConditions
---@field content_length? integer bytes of what is no string
---@field progress? fun(done: integer, total: integer): any

---Conditions are about what is there in place of the copy; those that begin with `source_` about what
---is copied.
---@class (exact) r2.CopyOptions: r2.KeptOptions, r2.ReadConditions
---@field source_if_match? string
---@field source_if_none_match? string
---@field source_if_modified_since? number
---@field source_if_unmodified_since? number
---@field merge? boolean what is given stands beside what the source has, not in its place

---@class (exact) r2.PartOptions
---@field content_length? integer bytes of what is no string
---@field progress? fun(done: integer, total: integer): any

---@class (exact) r2.ListOptions
---@field prefix? string
---@field delimiter? string
---@field start_after? string a key
---@field limit? integer entries at most

---@class (exact) r2.PageOptions: r2.ListOptions
---@field next? string as the page before has it

---@class (exact) r2.UploadsOptions
---@field prefix? string
---@field delimiter? string
---@field limit? integer 1 to 1000
---@field next? string as the page before has it

---@class (exact) r2.PartsOptions
---@field limit? integer 1 to 1000
---@field next? integer as the page before has it

---@class (exact) r2.IssuerPresignOptions
---@field expires_seconds? integer 1 to 604800, default 900
---@field headers? table<string, string> to be sent as they are here
---@field query? table<string, string|integer>
---@field upload_id? string with part_number: a PUT of one part
---@field part_number? integer 1 to 10000

---@class (exact) r2.BucketPresignOptions
---@field expires_seconds? integer 1 to 604800, default an hour, or what is left of the credential
---@field headers? table<string, string> to be sent as they are here
---@field query? table<string, string|integer>
---@field upload_id? string with part_number: a PUT of one part
---@field part_number? integer 1 to 10000

---@class r2.Stored
---@field etag string the MD5 of what was put
---@field size integer

---@class r2.Object
---@field body? string of `Bucket:get` without an output
---@field size? integer of the whole object
---@field etag? string
---@field last_modified? integer Unix seconds
---@field content_type? string
---@field cache_control? string
---@field content_disposition? string
---@field content_encoding? string
---@field content_language? string
---@field expires? string
---@field metadata table<string, string>
---@field content_range? integer[] first and last byte of a part

---@class r2.Entry
---@field key? string
---@field size? integer
---@field etag? string
---@field last_modified? integer Unix seconds
---@field prefix? string in place of all the others: what keys begin with, up to a delimiter

---@class r2.Page
---@field [integer] r2.Entry
---@field next? string where the list goes on

---@class r2.Part
---@field number integer
---@field etag string
---@field size? integer
---@field md5? string of what was sent
---@field last_modified? integer Unix seconds

---@class r2.CorsRule
---@field allowed_origins string[]
---@field allowed_methods string[]
---@field allowed_headers? string[]
---@field expose_headers? string[]
---@field max_age_seconds? integer
---@field id? string

---@class r2.LifecycleRule
---@field prefix? string required to set; "" is the whole bucket
---@field enabled? boolean
---@field expiration_days? integer
---@field expiration_at? integer Unix seconds
---@field transition_days? integer
---@field transition_at? integer Unix seconds
---@field storage_class? string
---@field abort_upload_days? integer
---@field id? string

---Made by `r2.bucket`. All methods but `usage` and `close` raise after `close`.
---@class r2.Bucket
local Bucket = {}

---Puts an object in one request. A body that is no string or file has `content_length`.
---@param key string
---@param body r2.Body
---@param options? r2.PutOptions
---@return r2.Stored? stored
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `invalid_config`, `expired`, `network`, `tls`,
---`timeout`, `rate_limited`, `api`, `bad_response`, `cancelled`, `unsupported`, `file`
function Bucket:put(key, body, options) end

---Gets an object, or a part of it.
---@param key string
---@param options? r2.GetOptions
---@return r2.Object? object
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:get(key, options) end

---Looks at an object.
---@param key string
---@param options? r2.ReadConditions
---@return r2.Object? object
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:head(key, options) end

---Deletes an object, or a list of them.
---@param keys string|string[]
---@return true? gone
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`; of a list with `deleted` and `refused`
function Bucket:delete(keys) end

---Iterates over all entries; raises when a page fails.
---@param options? r2.ListOptions
---@return fun(): r2.Entry?
function Bucket:list(options) end

---Lists a page of entries.
---@param options? r2.PageOptions limit 1 to 1000
---@return r2.Page? page
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:list_page(options) end

---Copies an object inside of R2.
---@param from string|{ bucket: string?, key: string }
---@param to string a key of this bucket
---@param options? r2.CopyOptions
---@return { etag: string, last_modified: integer? }? copied
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:copy(from, to, options) end

---What `Bucket:upload` takes beside what is kept with an object.
---@class (exact) r2.FileUploadOptions: r2.KeptOptions
---@field progress? fun(done: integer, total: integer): any
---@field resume? string path of a journal

---@class r2.Uploaded
---@field etag string
---@field size integer
---@field parts? integer how many, where there were some

---Puts a file of any size.
---@param path string
---@param key string
---@param options? r2.FileUploadOptions
---@return r2.Uploaded? uploaded
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:upload(path, key, options) end

---@class (exact) r2.DownloadOptions
---@field progress? fun(done: integer, total: integer): any
---@field resume? string path of a journal
---@field verify? boolean false leaves out the second reading

---@class r2.Downloaded: r2.Object
---@field verified boolean whether the file is known to be the object

---Gets an object as a file, which is there when all of it is.
---@param key string
---@param path string
---@param options? r2.DownloadOptions
---@return r2.Downloaded? downloaded
---@return string? message
---@return r2.Error? err kinds as from `Bucket:get`
function Bucket:download(key, path, options) end

---Begins an upload in parts.
---@param key string
---@param options? r2.KeptOptions
---@return string? upload_id
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:create_upload(key, options) end

---Sends a part; all but the last have the same size, of 5 MiB at least.
---@param key string
---@param upload_id string
---@param number integer 1 to 10000
---@param body r2.Body
---@param options? r2.PartOptions
---@return r2.Part? part
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:upload_part(key, upload_id, number, body, options) end

---Lists a page of the parts that an upload has.
---@param key string
---@param upload_id string
---@param options? r2.PartsOptions
---@return r2.Part[]? parts with a field `next` where the list goes on
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:list_parts(key, upload_id, options) end

---Makes an object of the parts.
---@param key string
---@param upload_id string
---@param parts r2.Part[]
---@return { etag: string }? made
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:complete_upload(key, upload_id, parts) end

---Gives an upload up.
---@param key string
---@param upload_id string
---@return true? gone
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:abort_upload(key, upload_id) end

---Lists a page of the uploads that have not ended.
---@param options? r2.UploadsOptions
---@return { key: string?, upload_id: string?, initiated: integer?, prefix: string? }[]? uploads
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:list_uploads(options) end

---Who may ask from a browser.
---@return r2.CorsRule[]? rules
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:cors() end

---Sets that, in place of all that there was.
---@param list r2.CorsRule[] one or more
---@return true? done
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:set_cors(list) end

---Removes it.
---@return true? done
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:delete_cors() end

---What becomes of objects with time.
---@return r2.LifecycleRule[]? rules
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:lifecycle() end

---Sets that, in place of all that there was.
---@param list r2.LifecycleRule[] one or more
---@return true? done
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:set_lifecycle(list) end

---Removes it.
---@return true? done
---@return string? message
---@return r2.Error? err kinds as from `Bucket:put`
function Bucket:delete_lifecycle() end

---A presigned URL, with the bucket's own credential: whoever has the URL has that.
---@param method "GET"|"HEAD"|"PUT"|"DELETE"
---@param key string
---@param options? r2.BucketPresignOptions
---@return string? url secret
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `expired`, or as a provider says
function Bucket:presign(method, key, options) end

---What R2 bills, and bytes of bodies.
---@return { class_a: integer, class_b: integer, sent: integer, received: integer }
function Bucket:usage() end

---Forgets the credentials and closes connections.
function Bucket:close() end

-- ---- r2.export ----

---Writes a credential: a string that holds its secrets, or nil, message and an error of kind
---`invalid_request`.
---@alias r2.Format fun(credentials: r2.Credentials): string?, string?, r2.Error?

---A credential as other programs read it.
---@class r2.Export
---@field env r2.Format lines of a POSIX shell for the AWS CLI, boto3, other AWS SDKs and s3cmd
---@field dotenv r2.Format NAME=value lines for docker run --env-file, systemd and CI
---@field process r2.Format JSON that a credential_process of an AWS profile prints
---@field container r2.Format JSON that an AWS container endpoint answers (AWS_CONTAINER_CREDENTIALS_FULL_URI)
---@field rclone r2.Format lines of a POSIX shell for rclone's remote :s3:
---@field sdk r2.Format JSON for the AWS SDK for JavaScript
---@field json r2.Format JSON with every field, by the names of this library
local export = {}

---@class r2.FormatName
---@field name string the function of r2.export
---@field about string what it is for

---The formats, in a fresh list.
---@return r2.FormatName[]
function export.formats() end

-- ---- the C module r2.temp_credentials ----

---@class r2.TempCredentials
---@field _VERSION string
---@field permission r2.Permissions
---@overload fun(both: r2.ConfigurationAndRequest, now?: number): r2.Credentials?, string?, r2.Error?
local tc = {}

---Makes a client.
---@param config r2.ClientConfiguration
---@return r2.Client? client
---@return string? message
---@return r2.Error? err kind `invalid_config`
function tc.new(config) end

---Reads the claims of a session token. Nothing is verified.
---@param session_token string at most 1048576 bytes
---@return r2.Claims? claims
---@return string? message
---@return r2.Error? err kind `invalid_token`
function tc.inspect(session_token) end

---The secret access key of an API token: the lower-case hex SHA-256 of its value.
---@param token string 1 to 512 visible ASCII characters
---@return string? secret 64 hex characters
---@return string? message
---@return r2.Error? err kind `invalid_config`
function tc.secret_from_api_token(token) end

---R2's action names, a fresh table.
---@return r2.Actions
function tc.actions() end

-- ---- a client ----

---Made by `r2.temp_credentials.new`. All methods raise after `close`.
---@class r2.Client: userdata
local Client = {}

---Makes one credential by signing it.
---@param request r2.Request
---@param now? number Unix seconds, 0 to 253402300799, floored; default the machine's clock
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `unsupported`
function Client:sign(request, now) end

---Makes the HTTP request that asks Cloudflare's API. Sends nothing.
---@param request r2.Request without `actions`
---@return r2.HttpRequest? http_request
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `unsupported`
function Client:request(request) end

---Reads the API's answer to `Client:request(request)`.
---@param status integer HTTP status
---@param headers table<string, string>? names in any case
---@param body string?
---@param started_at number Unix seconds, taken before the request was sent
---@param request r2.Request the one that `Client:request` was given
---@return r2.Credentials? credentials
---@return string? message
---@return r2.Error? err kinds `api`, `rate_limited`, `bad_response`, `invalid_request`, `unsupported`
function Client:response(status, headers, body, started_at, request) end

---Verifies a session token: signature, times, account, parent, endpoint, the form of its claims.
---@param session_token string at most 1048576 bytes
---@param now? number Unix seconds; default the machine's clock
---@return r2.Claims? claims
---@return string? message
---@return r2.Error? err kinds `invalid_token`, `expired`, `unsupported`, `invalid_request`
function Client:verify(session_token, now) end

---Wipes the keys. Closing twice is fine.
function Client:close() end

-- ---- the C module r2.sigv4 ----

---What a request is signed with: a credential of this library's, or a permanent key.
---@class (exact) r2.SigningCredentials
---@field access_key_id string 1 to 128 visible ASCII characters without / , =
---@field secret_access_key string secret; 1 to 256 visible ASCII characters
---@field session_token? string secret; none for a permanent key
---@field expires_at? integer Unix seconds; default what R2's session token says, or no end
---@field bucket? string not looked at
---@field endpoint? string not looked at

---Not an HTTP client's table: it has no body.
---@class (exact) r2.RequestToSign
---@field method string capital letters; for `presign` GET, HEAD, PUT or DELETE
---@field url string at most 16384 bytes; `sigv4.url` makes one
---@field headers? table<string, string> visible ASCII, at most 124: all are signed

---@class (exact) r2.SignOptions
---@field now? number Unix seconds, floored; default the machine's clock
---@field region? string default "auto"
---@field service? string default "s3"
---@field payload_hash? string 64 lower-case hex characters, or the default "UNSIGNED-PAYLOAD"

---@class (exact) r2.PresignOptions
---@field expires_seconds? integer 1 to 604800; default 3600, or what is left of the credential
---@field now? number Unix seconds, floored; default the machine's clock
---@field region? string default "auto"
---@field service? string default "s3"

---Headers to add to the request: `authorization`, `x-amz-date`, `x-amz-content-sha256`, and
---`x-amz-security-token` when there is a session token.
---@alias r2.SignatureHeaders table<string, string>

---@class r2.SigV4
---@field _VERSION string
local sigv4 = {}

---The URL of an object or a bucket, path style, as it goes on the wire.
---@param endpoint string https://host or https://host:port
---@param bucket string
---@param key? string 1 to 1024 bytes of UTF-8, not ""; nil for the bucket itself
---@param query? table<string, string|integer|(string|integer)[]> no X-Amz-; a list repeats its name
---@return string? url
---@return string? message
---@return r2.Error? err kind `invalid_request`
function sigv4.url(endpoint, bucket, key, query) end

---Signs a request that is sent with headers.
---@param request r2.RequestToSign
---@param credentials r2.SigningCredentials|r2.Credentials
---@param options? r2.SignOptions
---@return r2.SignatureHeaders? headers
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `expired`
function sigv4.sign(request, credentials, options) end

---Makes a presigned URL. With a temporary credential the URL gives away the credential: whoever has
---it can read the token, the key and the secret out of it, and `expires_seconds` does not limit that.
---Sign each URL with a credential for one object and one action whose ttl_seconds is the URL's life.
---(A permanent key is not given away.)
---@param request r2.RequestToSign
---@param credentials r2.SigningCredentials|r2.Credentials
---@param options? r2.PresignOptions
---@return string? url secret, as the credential is
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `expired`
function sigv4.presign(request, credentials, options) end

---The SHA-256 of a body, as `payload_hash` takes it.
---@param body string
---@return string hex 64 characters
function sigv4.hash(body) end

-- ---- the module r2.http ----

---@class r2.HttpOptions
---@field ca_file? string path of a PEM file
---@field timeout_seconds? number above 0, at most 604800, default 30
---@field connect_timeout_seconds? number above 0, at most 604800, default 10
---@field max_header_bytes? integer 1 to 2^40, default 1048576
---@field max_body_bytes? integer 1 to 2^40, default 1048576

---@class r2.HttpExchangeRequest
---@field method string
---@field url string https, or http to this machine
---@field headers? table<string, string>
---@field body? string|(fun(room: integer): string?)|file*
---@field content_length? integer bytes of a body that is no string
---@field output? (fun(piece: string): any)|file*
---@field progress? fun(sent: integer, to_send: integer, received: integer, to_receive: integer): any
---@field compressed? boolean
---@field once? boolean true: libcurl does not send it again by itself
---@field http1? boolean true: HTTP/1.1, a connection of its own
---@field timeout_seconds? number above 0, at most 604800
---@field silence_seconds? number fewer than 1,024 bytes in that time end it

---@class r2.HttpResponse
---@field status integer
---@field headers table<string, string> names in lower case
---@field body? string none when an `output` took it
---@field http_version "1.0"|"1.1"|"2"|"3"

---An exchange that is under way, from `Http:start`.
---@class r2.HttpExchange
local Exchange = {}

---Goes on as far as it can without waiting.
---@return r2.HttpResponse|false? response false while it is under way
---@return string? message
---@return r2.Error? err kinds as from `Http:perform`
function Exchange:poll() end

---Waits for its end.
---@param seconds? number at most
---@return r2.HttpResponse|false? response false when it is still under way
---@return string? message
---@return r2.Error? err kinds as from `Http:perform`
function Exchange:wait(seconds) end

---Whether it has ended. Nothing is driven.
---@return boolean
function Exchange:done() end

---Ends it; its result is of kind `cancelled`.
function Exchange:cancel() end

---How long it can go without being polled.
---@return number seconds 0 to 1
function Exchange:timeout() end

---Sends requests over connections that it keeps, from `http.new`.
---@class r2.Http
local Http = {}

---Sends a request and waits for the answer.
---@param request r2.HttpExchangeRequest
---@return r2.HttpResponse? response
---@return string? message
---@return r2.Error? err kinds `invalid_request`, `network`, `tls`, `timeout`, `bad_response`, `cancelled`
function Http:perform(request) end

---Begins an exchange.
---@param request r2.HttpExchangeRequest
---@return r2.HttpExchange? exchange
---@return string? message
---@return r2.Error? err kind `invalid_request`
function Http:start(request) end

---Lets all exchanges go on as far as they can without waiting.
---@return integer under_way how many are
function Http:poll() end

---Waits until one of the exchanges can go on, and lets all that can.
---@param seconds? number at most, 0 to 604800; never more than 1 in one call
---@return integer under_way
function Http:wait(seconds) end

---Cancels what is under way and closes every connection.
function Http:close() end

---@class r2.HttpModule
local http = {}

---Makes an object that sends requests. Opens nothing.
---@param options? r2.HttpOptions
---@return r2.Http? http
---@return string? message
---@return r2.Error? err kind `invalid_config`
function http.new(options) end

---Seconds on a clock that only goes forward.
---@return number
function http.now() end

---Sleeps, and blocks the whole process while it does.
---@param seconds number 0 to 604800
function http.sleep(seconds) end

return r2
