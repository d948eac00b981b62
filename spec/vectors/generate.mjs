// Makes the vectors that local signing is compared with.
//
//   node generate.mjs           writes cases/
//   node generate.mjs --check   makes them again in memory and compares with cases/
//
// A case is a directory with the input of the library (input.json) and what documented_example.mjs
// makes of it, a file for each stage, exact bytes, no final newline. cases/index.txt lists the
// cases. All keys are demonstration keys. The clock is fixed, so the same program always writes the
// same bytes.

import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { mintTemporaryCredential } from "./documented_example.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const CASES = join(HERE, "cases");

const NOW = 1767225600; // 2026-01-01T00:00:00Z

const DEMO = {
  account_id: "0123456789abcdef".repeat(2),
  parent_access_key_id: "00112233445566778899aabbccddeeff",
  parent_secret_access_key: "0123456789abcdef".repeat(4),
};

const NAMES = JSON.parse(readFileSync(join(HERE, "names.json")));
const { READ, WRITE, MULTIPART, WRITE_ONLY } = NAMES.actions;
const ALL = [...READ, ...WRITE, ...MULTIPART];
const PERMISSIONS = Object.values(NAMES.permissions);

// ---- the cases ----

const cases = [];

/** `request` is laid over a plain one; a field that is undefined is left out. */
function add(name, request = {}, { config = {}, now = NOW } = {}) {
  const plain = { bucket: "demo-bucket", permission: "object-read-only", ttl_seconds: 3600 };
  if (request.actions !== undefined) {
    delete plain.permission;
  }
  cases.push({
    name,
    input: { config: { ...DEMO, ...config }, request: { ...plain, ...request }, now },
  });
}

const chars = (...codePoints) => String.fromCodePoint(...codePoints);
const controls = [...Array.from({ length: 0x1f }, (_, i) => i + 1), 0x7f];
const numbered = (count, make) => Array.from({ length: count }, (_, i) => make(i + 1));
const kebab = (name) => name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase();

function permissions() {
  const prefixes = ["users/123/", "shared/"];
  const objects = ["reports/2026.pdf", "logo.png"];
  for (const permission of PERMISSIONS) {
    add(`${permission}-bucket`, { permission });
    add(`${permission}-prefixes`, { permission, prefixes });
    add(`${permission}-objects`, { permission, objects });
    add(`${permission}-both`, { permission, prefixes, objects });
  }
}

function actionSets() {
  for (const action of ALL) {
    add(`action-${kebab(action)}`, { actions: [action] });
  }
  add("actions-all", { actions: ALL });
  add("actions-all-reversed", { actions: ALL.toReversed() });
  add("actions-all-by-name", { actions: ALL.toSorted() });
  add("actions-read", { actions: READ });
  add("actions-write", { actions: WRITE, prefixes: ["drop/"] });
  add("actions-multipart", { actions: MULTIPART, objects: ["drop/large.bin"] });
  add("actions-write-only", { actions: WRITE_ONLY, prefixes: ["uploads/42/"] });
  add("actions-write-only-reversed", { actions: WRITE_ONLY.toReversed() });
  add("actions-get-head", {
    actions: ["GetObject", "HeadObject"], prefixes: ["data/"], ttl_seconds: 900,
  });
  add("actions-head-get", {
    actions: ["HeadObject", "GetObject"], prefixes: ["data/"], ttl_seconds: 900,
  });
  add("actions-both-paths", {
    actions: ["GetObject", "PutObject"], prefixes: ["work/"], objects: ["work.json"],
  });
}

function text() {
  add("utf8-two-bytes", { prefixes: ["жük/"], objects: ["ñandú.txt", "ελλάδα"] });
  add("utf8-three-bytes", { prefixes: ["写真/"], objects: ["한국어.txt", "€uro", "ไทย"] });
  add("utf8-four-bytes", { prefixes: ["🪣/"], objects: ["𝄞.mid", "𠮷野家.jpg", "👩‍👩‍👧‍👦.png"] });
  add("utf8-all-widths", { objects: ["aй水🎲", "🎲水йa"] });
  add("utf8-first-and-last-of-each-width", {
    objects: [0x01, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff].map((c) => chars(c)),
  });
  add("utf8-around-surrogates", { objects: [chars(0xd7ff), chars(0xe000), chars(0xd7ff, 0xe000)] });
  add("utf8-noncharacters", {
    objects: [0xfdd0, 0xfdef, 0xfffe, 0xffff, 0x1fffe, 0x1ffff, 0x10fffe].map((c) => chars(c)),
  });
  add("utf8-last-code-point", { prefixes: [chars(0x10ffff)] });
  add("combining-composed", { objects: ["caf" + chars(0xe9), chars(0xac00)] });
  add("combining-decomposed", { objects: ["cafe" + chars(0x301), chars(0x1100, 0x1161)] });
  add("combining-piled-up", { prefixes: ["z" + chars(...Array(40).fill(0x336)) + "/"] });
  add("right-to-left", { prefixes: ["مجلد/"], objects: ["קובץ.txt", "a" + chars(0x202e) + "gpj.exe"] });
  add("line-and-paragraph-separators", {
    prefixes: [chars(0x2028)], objects: ["a" + chars(0x2028, 0x2029) + "b"],
  });
  add("invisible", { objects: [0x85, 0xa0, 0xad, 0x200b, 0x200d, 0xfeff].map((c) => `a${chars(c)}b`) });
  add("quotes", { prefixes: ['"/'], objects: ['say "hi"', "it's", '"', '""'] });
  add("backslashes", { prefixes: ["\\/"], objects: ["C:\\temp\\x", "\\", "\\\\", '\\"'] });
  add("slashes", { prefixes: ["/", "//", "a//b/"], objects: ["/x", "x/", "a/../b", "./x", "</script>"] });
  add("looks-escaped", { objects: ["\\u0041", "\\n", "%2F", "%00", "&amp;", "${x}", "{}", "[]"] });
  add("ascii-printable", { objects: [chars(...numbered(95, (i) => i + 31))] });
  add("spaces", { prefixes: [" "], objects: [" a ", "a  b", "a+b", "a?b#c&d=e"] });
  add("controls-one-by-one", { objects: controls.map((c) => chars(c)) });
  add("controls-in-one-key", { objects: [chars(...controls)] });
  add("controls-in-prefixes", { prefixes: controls.map((c) => `${c}${chars(c)}/`) });
  add("controls-between-others", { objects: ["a\tb\nc\rd", 'q"' + chars(0x0b) + "\\é" + chars(0x1f) + "🎲"] });
}

function sizes() {
  const roomy = { config: { max_token_bytes: 40000 } };
  add("object-of-one-byte", { objects: ["x"] });
  add("object-1024-ascii", { objects: ["0123456789abcdef".repeat(64)] });
  add("prefix-1024-ascii", { prefixes: ["p".repeat(1023) + "/"] });
  add("object-1024-two-byte", { objects: ["é".repeat(512)] });
  add("object-1024-three-byte", { objects: ["水".repeat(341) + "x"] });
  add("object-1024-four-byte", { objects: ["🎲".repeat(256)] });
  add("object-1024-quotes", { objects: ['"'.repeat(1024)] });
  add("object-1024-controls", { objects: [chars(...Array(1024).fill(1))] }, roomy);
  add("three-objects-1024", { objects: ["a", "b", "c"].map((c) => c.repeat(1024)) });
  add("prefixes-10", { prefixes: numbered(10, (i) => `tenant/${i}/`) });
  add("prefixes-100", { prefixes: numbered(100, (i) => `tenants/${String(i).padStart(4, "0")}/documents/reports/`) });
  add("prefixes-300", { prefixes: numbered(300, (i) => `tenant/${i}/`) }, roomy);
  add("prefixes-and-objects-200", {
    prefixes: numbered(100, (i) => `in/${i}/`), objects: numbered(100, (i) => `out/${i}.json`),
  });
  // The one object fills the token up to the default limit; `proveShapes` holds it to that.
  const filled = (length) => ({
    prefixes: numbered(140, (i) => `tenants/2026/${String(i).padStart(4, "0")}/data/`),
    objects: ["o".repeat(length)],
  });
  add("token-8000", filled(518));
  add("token-7996", filled(516));
  add("token-limit-met-exactly", { objects: ["exact"] }, { config: { max_token_bytes: 620 } });
}

function places() {
  for (const jurisdiction of ["eu", "fedramp", "us", "demo-2", "d".repeat(63)]) {
    const name = jurisdiction.length > 20 ? "longest" : jurisdiction;
    add(`jurisdiction-${name}`, {}, { config: { jurisdiction } });
  }
  const endpoints = {
    "https": "https://objects.example.com",
    "https-port": "https://objects.example.com:8443",
    "https-default-port": "https://objects.example.com:443",
    "https-port-80": "https://objects.example.com:80",
    "upper-case-host": "https://Objects.EXAMPLE.com",
    "upper-case-host-port": "https://OBJECTS.example.COM:9443",
    "highest-port": "https://objects.example.com:65535",
    "ipv4": "https://192.0.2.10:9000",
    "loopback-ipv4": "http://127.0.0.1:9000",
    "loopback-ipv4-last": "http://127.255.255.254:9000",
    "loopback-default-port": "http://127.0.0.1:80",
    "loopback-port-443": "http://127.0.0.1:443",
    "localhost": "http://localhost:8080",
    "localhost-upper-case": "http://LOCALHOST:8080",
    "localhost-no-port": "http://localhost",
    "loopback-ipv6": "http://[::1]:9000",
    "loopback-ipv6-no-port": "http://[::1]",
    "loopback-ipv6-https": "https://[::1]:443",
  };
  for (const [name, endpoint] of Object.entries(endpoints)) {
    add(`endpoint-${name}`, {}, { config: { endpoint } });
  }
}

function times() {
  for (const ttl_seconds of [1, 60, 900, 43200, 604800]) {
    add(`ttl-${ttl_seconds}`, { ttl_seconds });
  }
  add("now-zero", {}, { now: 0 });
  add("now-fraction", {}, { now: NOW + 0.75 });
  add("now-past-31-bits", { ttl_seconds: 604800 }, { now: 2 ** 31 - 1 });
  add("now-past-32-bits", { ttl_seconds: 604800 }, { now: 2 ** 32 - 1 });
  add("now-end-of-9999", { ttl_seconds: 1 }, { now: 253402300799 });
}

// Nine lengths in a row: each remainder of the claims modulo 3 with each of the whole token.
function paddings() {
  for (let length = 1; length <= 9; length++) {
    add(`padding-${length}`, { objects: ["k".repeat(length)] });
  }
}

function names() {
  add("bucket-shortest", { bucket: "abc" });
  add("bucket-longest", { bucket: "b".repeat(31) + "-" + "b".repeat(31) });
  add("bucket-digits", { bucket: "123" });
  add("ids-all-zero", {}, {
    config: { account_id: "0".repeat(32), parent_access_key_id: "0".repeat(32) },
  });
  add("ids-all-f", {}, {
    config: { account_id: "f".repeat(32), parent_access_key_id: "f".repeat(32) },
  });
  add("secret-all-zero", {}, { config: { parent_secret_access_key: "0".repeat(64) } });
  add("secret-all-f", {}, { config: { parent_secret_access_key: "f".repeat(64) } });
  add("another-parent", { prefixes: ["a/"] }, {
    config: {
      account_id: "deadbeef".repeat(4),
      parent_access_key_id: "cafebabe".repeat(4),
      parent_secret_access_key: "c0ffee00".repeat(8),
    },
  });
  add("whole-bucket-off", { prefixes: ["only/this/"] }, { config: { whole_bucket: false } });
}

// ---- from a case to its files ----

function endpointOf({ account_id, jurisdiction, endpoint }) {
  const label = jurisdiction === undefined ? "" : `.${jurisdiction}`;
  return endpoint ?? `https://${account_id}${label}.r2.cloudflarestorage.com`;
}

/** The library's request in the words of the documented example. */
function asDocumented({ config, request, now }) {
  const writeOnly = request.permission === "object-write-only";
  const restricted = request.prefixes !== undefined || request.objects !== undefined;
  return {
    endpoint: endpointOf(config),
    accountId: config.account_id,
    parentAccessKeyId: config.parent_access_key_id,
    parentSecretAccessKey: config.parent_secret_access_key,
    bucket: request.bucket,
    scope: writeOnly ? undefined : request.permission,
    actions: writeOnly ? WRITE_ONLY : request.actions,
    paths: restricted
      ? { prefixPaths: request.prefixes, objectPaths: request.objects }
      : undefined,
    ttlSeconds: request.ttl_seconds,
    now: Math.floor(now),
  };
}

async function filesOf({ input }) {
  const credential = await mintTemporaryCredential(asDocumented(input));
  const token = atob(credential.sessionToken).slice("jwt/".length);
  const [header, claims] = token.split(".");
  return {
    "input.json": JSON.stringify(input, null, 2),
    "header.json": Buffer.from(header, "base64url"),
    "claims.json": Buffer.from(claims, "base64url"),
    "signing_input.txt": `${header}.${claims}`,
    "token.txt": token,
    "session_token.txt": credential.sessionToken,
    "secret.txt": credential.secretAccessKey,
    "endpoint.txt": new URL(endpointOf(input.config)).origin,
  };
}

// Some cases are there for a length. Prove that they have it, whatever is changed above them.
function proveShapes(made) {
  const one = (wanted) => made.find(({ name }) => name === wanted).files;
  const prove = (holds, what) => {
    if (!holds) {
      throw new Error(`the vectors no longer cover: ${what}`);
    }
  };
  const remainders = made
    .filter(({ name }) => /^padding-\d$/.test(name))
    .map(({ files }) => `${files["claims.json"].length % 3}${("jwt/" + files["token.txt"]).length % 3}`);
  prove(new Set(remainders).size === 9, "all paddings of claims and token");
  prove(one("token-8000")["session_token.txt"].length === 8000, "a token of 8000 bytes");
  prove(one("token-7996")["session_token.txt"].length === 7996, "a token of 7996 bytes");
  const { "input.json": exact, "session_token.txt": filled } = one("token-limit-met-exactly");
  prove(JSON.parse(exact).config.max_token_bytes === filled.length, "a token as long as its limit");
  for (const { name, files } of made.filter(({ name }) => /^(object|prefix)-1024-/.test(name))) {
    const { objects, prefixes } = JSON.parse(files["input.json"]).request;
    prove(Buffer.byteLength((objects ?? prefixes)[0]) === 1024, `a key of 1,024 bytes in ${name}`);
  }
}

async function makeAll() {
  for (const group of [permissions, actionSets, text, sizes, places, times, paddings, names]) {
    group();
  }
  const made = [];
  for (const vector of cases) {
    made.push({ name: vector.name, files: await filesOf(vector) });
  }
  if (new Set(made.map(({ name }) => name)).size < made.length) {
    throw new Error("two cases have one name");
  }
  proveShapes(made);
  const all = new Map([["index.txt", Buffer.from(made.map(({ name }) => name).join("\n"))]]);
  for (const { name, files } of made) {
    for (const [file, content] of Object.entries(files)) {
      all.set(`${name}/${file}`, Buffer.from(content));
    }
  }
  return all;
}

// ---- writing and comparing ----

function write(all) {
  rmSync(CASES, { recursive: true, force: true });
  for (const [path, content] of all) {
    mkdirSync(dirname(join(CASES, path)), { recursive: true });
    writeFileSync(join(CASES, path), content);
  }
}

function committed() {
  return readdirSync(CASES, { recursive: true })
    .map((path) => join(CASES, path))
    .filter((path) => statSync(path).isFile())
    .map((path) => relative(CASES, path).split(sep).join("/"));
}

function differences(all) {
  const there = new Set(committed());
  return [
    ...[...all.keys()].filter((path) => !there.has(path)).map((path) => `missing: ${path}`),
    ...[...there].filter((path) => !all.has(path)).map((path) => `not made any more: ${path}`),
    ...[...all.keys()]
      .filter((path) => there.has(path) && !readFileSync(join(CASES, path)).equals(all.get(path)))
      .map((path) => `differs: ${path}`),
  ];
}

const [option, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (option !== undefined && option !== "--check")) {
  console.error("usage: node generate.mjs [--check]");
  process.exit(2);
}

const all = await makeAll();
if (option === "--check") {
  const found = differences(all);
  found.forEach((line) => console.error(line));
  console.log(`${cases.length} vectors made again, ${found.length} files differ`);
  process.exitCode = found.length === 0 ? 0 : 1;
} else {
  write(all);
  console.log(`${cases.length} vectors written`);
}
