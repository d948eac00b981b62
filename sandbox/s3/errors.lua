-- R2's errors: code -> HTTP status and message (developers.cloudflare.com/r2/api/error-codes/;
-- where it has no text, Cloudflare's own simulator's). What is answered with another text says it
-- itself.
return {
  AccessDenied = { 403, "Access Denied" },
  BadDigest = { 400, "The checksum you specified did not match what we received." },
  EntityTooLarge = { 400, "Your proposed upload exceeds the maximum allowed object size." },
  EntityTooSmall = {
    400, "Your proposed upload is smaller than the minimum allowed object size.",
  },
  ExpiredRequest = { 403, "Request has expired" },
  InternalError = { 500, "We encountered an internal error. Please try again." },
  InvalidArgument = { 400, "An argument is not valid." },
  InvalidBucketName = { 400, "The specified bucket name is not valid." },
  InvalidDigest = { 400, "The checksum or Content-MD5 you specified is not valid." },
  InvalidMaxKeys = { 400, "MaxKeys params must be positive integer <= 1000." },
  InvalidObjectName = { 400, "The specified object name is not valid." },
  InvalidPart = { 400, "One or more of the specified parts could not be found." },
  InvalidRange = { 416, "The requested range is not satisfiable" },
  InvalidRequest = { 400, "The request is not valid." },
  InvalidStorageClass = { 400, "The storage class specified is not valid." },
  MalformedXML = {
    400,
    "The XML you provided was not well formed or did not validate against our published schema.",
  },
  MetadataTooLarge = {
    400, "Your metadata headers exceed the maximum allowed metadata size.",
  },
  MissingContentLength = { 411, "You must provide the Content-Length HTTP header." },
  NoSuchBucket = { 404, "The specified bucket does not exist." },
  NoSuchCORSConfiguration = { 404, "The CORS configuration does not exist" },
  NoSuchKey = { 404, "The specified key does not exist." },
  NoSuchLifecycleConfiguration = { 404, "The lifecycle configuration does not exist" },
  NoSuchUpload = { 404, "The specified multipart upload does not exist." },
  NotImplemented = { 501, "This is not implemented." },
  PreconditionFailed = {
    412, "At least one of the pre-conditions you specified did not hold.",
  },
  RequestTimeTooSkewed = {
    403, "The difference between the request time and the server's time is too large.",
  },
  RouteNotFound = { 404, "No route matches this url." },
  SignatureDoesNotMatch = {
    403, "The request signature we calculated does not match the signature you provided. "
      .. "Check your secret access key and signing method.",
  },
  Unauthorized = { 401, "Unauthorized" },
  XAmzContentSHA256Mismatch = {
    400, "The provided 'x-amz-content-sha256' header does not match what was computed.",
  },
}
