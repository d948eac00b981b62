// Makes the vectors that Signature V4 is compared with.
//
//   node generate_signatures.mjs           writes signatures.jsonl
//   node generate_signatures.mjs --check   makes them again in memory and compares
//
// Each line is a request, and what the AWS SDK's own signer (@smithy/signature-v4, set up as its S3
// client sets it up) makes of it. What aws4fetch can sign (it follows the URL standard, which removes
// dot segments, and drops repeated parameters) is signed by it too, and has to come out the same.
// All keys are demonstration keys; numbers that look random come from a fixed seed.

import { createHash, createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { getCanonicalQuery, SignatureV4 } from "@smithy/signature-v4";
import { AwsV4Signer } from "aws4fetch";

const OUTPUT = join(dirname(fileURLToPath(import.meta.url)), "signatures.jsonl");

const NOW = 1767225600; // 2026-01-01T00:00:00Z
const ENDPOINT = `https://${"0123456789abcdef".repeat(2)}.r2.cloudflarestorage.com`;
const HEX_CREDENTIAL = {
  access_key_id: "00112233445566778899aabbccddeeff",
  secret_access_key: "0123456789abcdef".repeat(4),
};
const WITH_TOKEN = { ...HEX_CREDENTIAL, session_token: btoa("jwt/a.b.c-_?>~ " + "x".repeat(90)) };
const LONG_LIVED = {
  access_key_id: "AKIAIOSFODNN7EXAMPLE",
  secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
const CREDENTIALS = [WITH_TOKEN, HEX_CREDENTIAL, LONG_LIVED];

// ---- the cases ----

const cases = [];

/** `changes` are laid over a plain request. Every request is signed in headers and in its URL. */
function add(name, changes = {}, kinds = ["headers", "url"]) {
  for (const kind of kinds) {
    cases.push({
      name: `${String(cases.length + 1).padStart(3, "0")} ${name}, in ${kind}`,
      kind,
      method: "GET",
      endpoint: ENDPOINT,
      bucket: "demo-bucket",
      key: "folder/object.txt",
      query: {},
      headers: {},
      credentials: cases.length % 4 === 0 ? HEX_CREDENTIAL : WITH_TOKEN,
      region: "auto",
      now: NOW + cases.length * 61,
      ...changes,
    });
  }
}

const chars = (...codePoints) => String.fromCodePoint(...codePoints);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

function keys() {
  add("the bucket itself", { key: "" });
  for (const [first, last] of [[1, 31], [32, 47], [48, 64], [65, 96], [97, 126], [127, 159], [160, 255]]) {
    add(`a key of code points ${first} to ${last}`, { key: chars(...range(first, last)) });
  }
  const named = {
    "a space": "a b", "spaces at its ends": " a b ", "a plus": "a+b", "a percent sign": "100%",
    "what looks encoded": "a%20b%2Fc%zz", "a tilde": "~user/~", "a question mark": "a?b=c&d",
    "a number sign": "a#b", "quotes": `'a' "b"`, "what JavaScript leaves alone": "!'()*-._~",
    "a backslash": "a\\b", "brackets": "[a]{b}<c>|^`", "an at sign and a colon": "user@host:80",
    "a double slash": "a//b", "many slashes": "a///b////c", "slashes at its ends": "/a/",
    "nothing but a slash": "/", "nothing but slashes": "//", "a dot": "./a", "an inner dot": "a/./b",
    "two dots": "../a", "inner dots": "a/../b", "dots at its end": "a/..", "nothing but dots": "..",
    "three dots": "a/.../b", "dots in names": "a.b/.c/d..e", "an umlaut": "Überblick/ä.txt",
    "Greek": "ελλάδα/άλφα", "Cyrillic": "данные/жук.bin", "Chinese": "報告/二〇二六.pdf",
    "Japanese": "写真/カメラ.jpg", "Korean": "사진/한국어.png", "Arabic": "مجلد/ملف", "Thai": "ไทย",
    "an emoji": "🪣/🎲.png", "joined emoji": "👩‍👩‍👧‍👦", "a composed accent": "caf\u00e9",
    "a separate accent": "cafe\u0301", "the last code point": chars(0x10ffff),
    "a tab and a newline": "a\tb\nc\r\nd", "an ampersand": "a&b=c;d", "a comma": "a,b$c",
  };
  for (const [name, key] of Object.entries(named)) {
    add(`a key with ${name}`, { key });
  }
  add("a key of one byte", { key: "k" });
  add("a key of 1,024 bytes", { key: "0123456789abcdef".repeat(64) });
  add("a key of 1,024 bytes, all encoded", { key: "é".repeat(512) });
  add("a key of 1,024 slashes", { key: "/".repeat(1024) });
}

function queries() {
  const named = {
    "an empty value": { uploads: "" },
    "a list of objects": { "list-type": 2, prefix: "a/b c/", delimiter: "/", "max-keys": 1000 },
    "a part": { partNumber: 10000, uploadId: "VXBsb2FkIElE+/=~" },
    "names out of order": { z: "1", a: "2", M: "3", _: "4", "0": "5" },
    "a name that another begins with": { a: "1", "a-b": "2", ab: "3", "a.b": "4", A: "5" },
    "values that look like parameters": { a: "b&c=d", e: "=f", g: "?#" },
    "spaces and pluses": { a: " b c ", "d e": "+f+" },
    "names to encode": { "é": "ü", "a/b": "c/d", "%41": "%42", "~": "~", "*": "*'()!" },
    "values in other scripts": { prefix: "報告/🎲", "start-after": "жук" },
    "empty and repeated": { a: ["", "b", ""], c: "" },
    "a repeated name": { a: ["2", "1", "10"] },
    "repeated names among others": { b: ["y", "x"], a: ["é", "e", "~"], c: "1" },
    "capitals before the signature's": { A: "1", Z: "2", "X-Am": "3", "X-Amz": "4", X: "5" },
    "names behind the signature's": { "X-Amzn": "1", Y: "2", x: "3", "x-id": "GetObject" },
    "zero and a negative number": { a: 0, b: -1, c: 9007199254740991 },
    "a date": { "response-expires": "Thu, 01 Jan 2026 00:00:00 GMT" },
    "a disposition": { "response-content-disposition": `attachment; filename="a b.txt"` },
    "forty parameters": Object.fromEntries(range(1, 40).map((i) => [`p${i * 7 % 41}`, `${i}`])),
    "equal names after encoding order": { "a!": "1", "a%": "2", "a-": "3", "a0": "4", "a~": "5" },
  };
  for (const [name, query] of Object.entries(named)) {
    add(`a query with ${name}`, { query });
    add(`a bucket's query with ${name}`, { query, key: "", region: "us-east-1" });
  }
}

function headers() {
  const named = {
    "a type": { "Content-Type": "text/plain; charset=utf-8" },
    "metadata": { "x-amz-meta-b": "2", "X-Amz-Meta-A": "1", "x-amz-meta-a-b": "3" },
    "spaces at the ends": { "x-amz-meta-a": "  b  ", "cache-control": " no-cache" },
    "inner spaces": { "x-amz-meta-a": "b   c    d", "content-language": "de,  en" },
    "tabs": { "x-amz-meta-a": "\tb\t\tc \t d\t" },
    "nothing but spaces": { "x-amz-meta-a": "   " },
    "an empty value": { "x-amz-meta-a": "" },
    "quoted spaces": { "content-disposition": `attachment; filename="a   b.txt"` },
    "signs in the value": { "x-amz-meta-a": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~" },
    "signs in the name": { "x-!#$%&'*+.^_`|~": "1" },
    "names of every case": { "ACCEPT": "a", "If-Match": `"e"`, "range": "bytes=0-9", "RaNgE-x": "b" },
    "names around the host": { "hos": "1", "hosts": "2", "h-ost": "3", "i": "4", "h": "5" },
    "names around the date": { "x-amz-dat": "1", "x-amz-date2": "2", "x-amz-content": "3" },
    "a length and a digest": { "content-length": "5", "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" },
    "what proxies change": { "user-agent": "x/1", "connection": "close", "te": "trailers" },
    "a copy's source": { "x-amz-copy-source": "/other-bucket/a%20b%2Bc" },
    "conditions": { "if-none-match": "*", "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT" },
    "a hundred names": Object.fromEntries(range(1, 100).map((i) => [`x-amz-meta-${i * 37 % 101}`, `v ${i}`])),
  };
  for (const [name, given] of Object.entries(named)) {
    add(`headers with ${name}`, { headers: given, method: "PUT" });
  }
}

function places() {
  const endpoints = {
    "a jurisdiction": ENDPOINT.replace(".r2.", ".eu.r2."), "another port": "https://s3.example.com:8443",
    "this machine": "http://127.0.0.1:8787", "this machine's name": "http://localhost:9000",
    "this machine in IPv6": "http://[::1]:9000", "this machine's port 80": "http://localhost",
  };
  for (const [name, endpoint] of Object.entries(endpoints)) {
    add(`an endpoint of ${name}`, { endpoint });
  }
  for (const region of ["us-east-1", "eu-central-1", "wnam", "x", "r".repeat(63)]) {
    add(`region ${region.slice(0, 20)}`, { region });
  }
  for (const bucket of ["abc", "123", "a".repeat(63)]) {
    add(`bucket ${bucket.slice(0, 20)}`, { bucket });
  }
  CREDENTIALS.forEach((credentials, i) => add(`credential ${i + 1}`, { credentials }));
  for (const length of [1, 23, 63, 64, 65, 256]) {
    const secret_access_key = "aB3+/=~!".repeat(32).slice(0, length);
    add(`a secret of ${length} bytes`, { credentials: { ...WITH_TOKEN, secret_access_key } });
  }
  for (const length of [1, 700, 8000]) {
    const session_token = "Zm9v+/8=".repeat(1000).slice(0, length);
    add(`a session token of ${length} bytes`, { credentials: { ...WITH_TOKEN, session_token } });
  }
}

function times() {
  const named = {
    "1970": 0, "a second before midnight": NOW - 1, "midnight": NOW, "noon": NOW + 43200,
    "29 February": Date.UTC(2028, 1, 29, 23, 59, 59) / 1000, "a single digit each": Date.UTC(2030, 0, 2, 3, 4, 5) / 1000,
    "2038": 2 ** 31, "2106": 2 ** 32, "2100, no leap year": Date.UTC(2100, 2, 1) / 1000,
    "the end of 9999": 253402300799 - 604800,
  };
  for (const [name, now] of Object.entries(named)) {
    add(`at ${name}`, { now });
  }
  for (const expires_seconds of [1, 900, 86400, 604800]) {
    add(`for ${expires_seconds} seconds`, { expires_seconds }, ["url"]);
  }
}

function methodsAndPayloads() {
  for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
    add(method, { method });
  }
  add("POST", { method: "POST", query: { delete: "" } }, ["headers"]);
  for (const body of ["", "hello", "{}", "é"]) {
    const payload_hash = createHash("sha256").update(body).digest("hex");
    add(`a payload of ${body.length} characters`, { method: "PUT", payload_hash }, ["headers"]);
  }
}

// mulberry32: the same numbers on every machine.
let state = 20260101;
function random(count) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % count;
}
const pick = (list) => list[random(list.length)];

function mixed() {
  const letters = [..."aZ09-._~ +%/!'()*&=?#:;,@$[]\\\"<>|^`{}éж水🎲", "//", "./", "../"];
  const text = (most, from = letters) =>
    range(1, random(most) + 1).map(() => pick(from)).join("");
  const visible = [..."abcXYZ019 -._~+%/!'()*&=?#:;,@$[]\"<>|^`{}\t", "  ", "   "];
  for (let i = 1; i <= 60; i++) {
    const query = {};
    for (let n = random(5); n > 0; n--) {
      query[text(6)] = random(4) === 0 ? [text(5), text(5), ""] : text(12);
    }
    const given = {};
    for (let n = random(4); n > 0; n--) {
      given[`x-amz-meta-${pick(["", "A", "b-"])}${n}`] = text(20, visible);
    }
    add(`mixture ${i}`, {
      key: text(24), query, headers: given, credentials: pick(CREDENTIALS),
      region: pick(["auto", "us-east-1", "weur"]), method: pick(["GET", "PUT", "HEAD", "DELETE"]),
      now: NOW + random(1e8), expires_seconds: 1 + random(604800),
    });
  }
}

// ---- the AWS SDK's signer ----

class Sha256 {
  constructor(secret) {
    this.state = secret === undefined ? createHash("sha256") : createHmac("sha256", secret);
  }
  update(bytes) {
    this.state.update(bytes);
  }
  async digest() {
    return this.state.digest();
  }
}

const encode = (text) =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
const strings = (value) => (Array.isArray(value) ? value.map(String) : String(value));
const mapped = (object, f) => Object.fromEntries(Object.entries(object).map(([k, v]) => [k, f(v)]));
const lowerNames = (object) => new Set(Object.keys(object).map((name) => name.toLowerCase()));

function requestOf({ method, endpoint, bucket, key, query, headers, payload_hash }) {
  const { protocol, hostname, port, host } = new URL(endpoint);
  const object = key === "" ? "" : `/${key.split("/").map(encode).join("/")}`;
  return {
    method, protocol, hostname, port: port === "" ? undefined : Number(port),
    path: `/${bucket}${object}`, query: mapped(query, strings), headers: { host, ...headers },
    body: {}, // no bytes to hash: UNSIGNED-PAYLOAD
    payload: undefined, payload_hash,
  };
}

function urlOf(vector, request) {
  const query = getCanonicalQuery(request);
  return `${new URL(vector.endpoint).origin}${request.path}${query === "" ? "" : `?${query}`}`;
}

// Keeps what the signer makes on its way: a failure then says at which stage.
class Noting extends SignatureV4 {
  createCanonicalRequest(...parts) {
    this.canonicalRequest = super.createCanonicalRequest(...parts);
    return this.canonicalRequest;
  }

  async createStringToSign(...parts) {
    this.stringToSign = await super.createStringToSign(...parts);
    return this.stringToSign;
  }
}

const stagesOf = (signer) =>
  ({ canonical_request: signer.canonicalRequest, string_to_sign: signer.stringToSign });

async function signedBySdk(vector) {
  const request = requestOf(vector);
  const given = lowerNames(vector.headers);
  const signer = new Noting({
    service: "s3", region: vector.region, sha256: Sha256, uriEscapePath: false, applyChecksum: true,
    credentials: {
      accessKeyId: vector.credentials.access_key_id,
      secretAccessKey: vector.credentials.secret_access_key,
      sessionToken: vector.credentials.session_token,
    },
  });
  const options = { signingDate: new Date(vector.now * 1000), signableHeaders: given };
  const url = urlOf(vector, request);
  if (vector.kind === "url") {
    const expiresIn = vector.expires_seconds ?? 3600;
    const signed = await signer.presign(request, { ...options, expiresIn, unhoistableHeaders: given });
    const signature = signed.query["X-Amz-Signature"];
    const presigned = `${urlOf(vector, signed)}&X-Amz-Signature=${signature}`;
    return { url, signature, presigned, ...stagesOf(signer) };
  }
  request.headers["x-amz-content-sha256"] = vector.payload_hash ?? "UNSIGNED-PAYLOAD";
  const { headers } = await signer.sign(request, options);
  const added = Object.fromEntries(
    ["authorization", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"]
      .filter((name) => headers[name] !== undefined)
      .map((name) => [name, headers[name]]),
  );
  const signature = headers.authorization.match(/Signature=(.*)$/)[1];
  return { url, signature, added, ...stagesOf(signer) };
}

// ---- aws4fetch ----

function canBeFetched({ key, query }) {
  const segments = key.split("/");
  return !segments.includes(".") && !segments.includes("..") && !key.includes("+") &&
    !Object.values(query).some((value) => Array.isArray(value));
}

async function signatureByAws4fetch(vector, url) {
  const signed = new URL(url);
  if (vector.kind === "url") {
    signed.searchParams.set("X-Amz-Expires", vector.expires_seconds ?? 3600);
  }
  const hash = vector.payload_hash === undefined ? {} : { "x-amz-content-sha256": vector.payload_hash };
  return new AwsV4Signer({
    url: signed, method: vector.method, headers: { ...vector.headers, ...hash },
    accessKeyId: vector.credentials.access_key_id,
    secretAccessKey: vector.credentials.secret_access_key,
    sessionToken: vector.credentials.session_token,
    service: "s3", region: vector.region, signQuery: vector.kind === "url", allHeaders: true,
    datetime: new Date(vector.now * 1000).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  }).signature();
}

// ---- from cases to lines ----

async function makeAll() {
  for (const group of [keys, queries, headers, places, times, methodsAndPayloads, mixed]) {
    group();
  }
  const lines = [];
  let both = 0;
  for (const vector of cases) {
    const { signature, ...made } = await signedBySdk(vector);
    if (canBeFetched(vector)) {
      both++;
      if ((await signatureByAws4fetch(vector, made.url)) !== signature) {
        throw new Error(`aws4fetch and the SDK differ: ${vector.name}`);
      }
    }
    lines.push(JSON.stringify({ ...vector, ...made }));
  }
  if (cases.length < 300 || both < 200) {
    throw new Error(`too few: ${cases.length}, ${both} by both signers`);
  }
  return { text: lines.join("\n") + "\n", both };
}

const [option, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (option !== undefined && option !== "--check")) {
  console.error("usage: node generate_signatures.mjs [--check]");
  process.exit(2);
}

const { text, both } = await makeAll();
if (option === "--check") {
  const same = readFileSync(OUTPUT, "utf8") === text;
  console.log(`${cases.length} signatures made again, ${both} by both signers, ${same ? "all the same" : "they differ"}`);
  process.exitCode = same ? 0 : 1;
} else {
  writeFileSync(OUTPUT, text);
  console.log(`${cases.length} signatures written, ${both} made by both signers`);
}
