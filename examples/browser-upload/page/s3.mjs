// Requests to R2, signed by aws4fetch, and sent by XMLHttpRequest: fetch does not tell how much has
// gone out.
import { AwsV4Signer } from "./aws4fetch.mjs";
import { credential, Failure, now, refused } from "./credentials.mjs";

const WORDS = {
  403: "Storage did not let this through.",
  404: "The upload is not known any more. Cancel it, and choose the file again.",
  412: "There is a file of this name already. It was left as it is. If the connection was lost a "
    + "moment ago, it may be this one.",
  413: "The file is too large.",
};

/** S3's own form: each byte but the unreserved ones, and slashes, encoded once. */
function path(key) {
  return encodeURIComponent(key).replace(/%2F/g, "/")
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

async function signed(made, { method, key, query = {}, headers = {} }) {
  const url = new URL(`${made.endpoint}/${made.bucket}/${path(key)}`);
  for (const [name, value] of Object.entries(query)) {
    url.searchParams.set(name, value);
  }
  return new AwsV4Signer({
    method, url, headers: { ...headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
    accessKeyId: made.accessKeyId, secretAccessKey: made.secretAccessKey,
    sessionToken: made.sessionToken, service: "s3", region: "auto", allHeaders: true,
    datetime: new Date(now()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  }).sign();
}

function transfer(request, body, { progress, signal }) {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const stop = () => xhr.abort();
    xhr.open(request.method, request.url.toString());
    for (const [name, value] of request.headers) {
      xhr.setRequestHeader(name, value);
    }
    xhr.upload.onprogress = (event) => progress?.(event.loaded);
    xhr.onload = () => resolve(xhr);
    xhr.onerror = () => reject(new Failure("The connection was lost."));
    xhr.onabort = () => reject(new DOMException("stopped", "AbortError"));
    xhr.onloadend = () => signal?.removeEventListener("abort", stop);
    signal?.throwIfAborted();
    signal?.addEventListener("abort", stop);
    xhr.send(body ?? null);
  });
}

/**
 * Sends one request. A credential that R2 refuses is replaced once.
 * @returns {Promise<XMLHttpRequest>} answered with a status below 300
 */
export async function send(asked, body, options = {}) {
  for (let tries = 1; ; tries += 1) {
    const made = await credential();
    const xhr = await transfer(await signed(made, asked), body, options);
    if (xhr.status < 300) {
      return xhr;
    }
    if ((xhr.status === 401 || xhr.status === 403) && tries === 1) {
      refused(made);
      continue;
    }
    const busy = xhr.status === 429 || xhr.status >= 500;
    throw new Failure(busy ? "Storage is busy." : WORDS[xhr.status] ?? "Storage refused this file.",
      busy || xhr.status === 403);
  }
}
