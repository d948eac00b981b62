// A temporary credential minted as Cloudflare's documented JavaScript example mints one:
// https://developers.cloudflare.com/r2/examples/authenticate-r2-temp-credentials/
// This is the oracle of the vectors and the reference of the bench, so it makes the calls that the
// page makes, in the page's order, and shares nothing with the library.
//
// One amendment: the page sends `scope` together with `actions`; the service is reported to refuse
// that, so here it is one of the two.

import { SignJWT } from "jose";

const encoder = new TextEncoder();

/**
 * @param {object} mint
 * @param {string} mint.endpoint  S3 endpoint; its host becomes the audience
 * @param {string} mint.accountId
 * @param {string} mint.parentAccessKeyId
 * @param {string} mint.parentSecretAccessKey  64 hex characters, used as ASCII text
 * @param {string} mint.bucket
 * @param {string} [mint.scope]  one of the four scopes, or else:
 * @param {string[]} [mint.actions]
 * @param {{prefixPaths?: string[], objectPaths?: string[]}} [mint.paths]
 * @param {number} [mint.ttlSeconds]
 * @param {number} [mint.now]  whole Unix seconds; left out, the clock is asked as the page does
 * @returns {Promise<{accessKeyId: string, secretAccessKey: string, sessionToken: string}>}
 */
export async function mintTemporaryCredential({
  endpoint,
  accountId,
  parentAccessKeyId,
  parentSecretAccessKey,
  bucket,
  scope,
  actions,
  paths,
  ttlSeconds = 3600,
  now,
}) {
  if ((scope === undefined) === (actions === undefined)) {
    throw new TypeError("give either scope or actions");
  }

  // The order in which the claims are set is the order in which they are written.
  const claims = { bucket, ...(scope === undefined ? { actions } : { scope }) };
  if (paths !== undefined) {
    claims.paths = {
      prefixPaths: paths.prefixPaths ?? [],
      objectPaths: paths.objectPaths ?? [],
    };
  }

  const jwt = await new SignJWT(claims)
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setSubject(accountId)
    .setIssuer(parentAccessKeyId)
    .setAudience(new URL(endpoint).host)
    .setIssuedAt(now)
    .setExpirationTime(now === undefined ? `${ttlSeconds}s` : now + ttlSeconds)
    .sign(encoder.encode(parentSecretAccessKey));

  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(jwt)));

  return {
    accessKeyId: parentAccessKeyId,
    secretAccessKey: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    sessionToken: btoa("jwt/" + jwt),
  };
}
