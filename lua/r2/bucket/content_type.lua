-- The content type of an object, by the ending of its key: a browser goes by it. Those of
-- https://www.iana.org/assignments/media-types/ that are put on the web.

local TYPES = {}
for ending, content_type in ([[
  html text/html; charset=utf-8 | htm text/html; charset=utf-8 | txt text/plain; charset=utf-8
  | css text/css; charset=utf-8 | csv text/csv; charset=utf-8 | md text/markdown; charset=utf-8
  | js text/javascript; charset=utf-8 | mjs text/javascript; charset=utf-8
  | json application/json | map application/json | jsonl application/jsonl
  | xml application/xml | yaml application/yaml | yml application/yaml | toml application/toml
  | webmanifest application/manifest+json | atom application/atom+xml | rss application/rss+xml
  | svg image/svg+xml | png image/png | jpg image/jpeg | jpeg image/jpeg | gif image/gif
  | webp image/webp | avif image/avif | heic image/heic | ico image/vnd.microsoft.icon
  | bmp image/bmp | tif image/tiff | tiff image/tiff | jxl image/jxl
  | mp4 video/mp4 | m4v video/mp4 | webm video/webm | mov video/quicktime | mkv video/matroska
  | ogv video/ogg | avi video/vnd.avi | ts video/mp2t | m3u8 application/vnd.apple.mpegurl
  | mp3 audio/mpeg | m4a audio/mp4 | aac audio/aac | ogg audio/ogg | opus audio/ogg
  | oga audio/ogg | flac audio/flac | wav audio/wav
  | woff font/woff | woff2 font/woff2 | ttf font/ttf | otf font/otf
  | wasm application/wasm | pdf application/pdf | rtf application/rtf | epub application/epub+zip
  | zip application/zip | gz application/gzip | tgz application/gzip | zst application/zstd
  | parquet application/vnd.apache.parquet | sqlite application/vnd.sqlite3
  | doc application/msword | xls application/vnd.ms-excel | ppt application/vnd.ms-powerpoint
  | docx application/vnd.openxmlformats-officedocument.wordprocessingml.document
  | xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
  | pptx application/vnd.openxmlformats-officedocument.presentationml.presentation
  | odt application/vnd.oasis.opendocument.text
  | ods application/vnd.oasis.opendocument.spreadsheet
]]):gmatch("(%w+) ([^\n|]*[^%s|])") do
  TYPES[ending] = content_type
end

--- @tparam string key
-- @treturn string "application/octet-stream" where the ending says nothing
return function(key)
  local ending = key:match("%.(%w+)$")
  return ending and TYPES[ending:lower()] or "application/octet-stream"
end
