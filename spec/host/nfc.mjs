// Compares what spec/host/nfc.c says of many texts with String.prototype.normalize.
//
//   node nfc.mjs PROGRAM VERSION
//
// PROGRAM is nfc.c's, VERSION that of its tables. Prints "ok GROUP: COUNT texts" for each group, or
// "not ok GROUP: TEXT" for the first texts that the two disagree about. Where Node's Unicode is of
// another version, texts with what one of the two does not know are left out.

import { spawnSync } from "node:child_process";

const [PROGRAM, VERSION] = process.argv.slice(2);
const SAME_VERSION = process.versions.unicode === VERSION;

// ---- what there is ----

const codePoints = (from, to) =>
  Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i));
const EVERY = [...codePoints(0, 0xd7ff), ...codePoints(0xe000, 0x10ffff)];
const UNKNOWN = /\p{Cn}/u;
const ASSIGNED = EVERY.filter((c) => !UNKNOWN.test(c));
const MARKS = ASSIGNED.filter((c) => /\p{M}/u.test(c));

// Hangul: leading consonants, vowels, final consonants, and what they compose to.
const L = codePoints(0x1100, 0x1112);
const V = codePoints(0x1161, 0x1175);
const T = codePoints(0x11a8, 0x11c2);
const SYLLABLES = codePoints(0xac00, 0xd7a3);

const decomposed = (c) => [...c.normalize("NFD")];
const WHOLES = ASSIGNED.filter((c) => c.normalize("NFD") !== c && !SYLLABLES.includes(c));
const PARTS = [...new Set(WHOLES.flatMap(decomposed))];
const LATER_PARTS = new Set(WHOLES.flatMap((c) => decomposed(c).slice(1)));
const SECONDS = [...LATER_PARTS, ...WHOLES.filter((c) => LATER_PARTS.has(decomposed(c)[0]))];

// One mark of each combining class: two of one class keep their order whichever comes first.
const reorders = (a, b) => (a + b).normalize("NFD") !== a.normalize("NFD") + b.normalize("NFD");
const CLASSES = MARKS.reduce((found, c) =>
  (found.some((one) => !reorders(one, c) && !reorders(c, one)) ? found : [...found, c]), []);

// ---- texts ----

// mulberry32: the same texts in every run.
let state = 0x5eed;
function random(limit) {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % limit;
}
const pick = (list) => list[random(list.length)];

const POOLS = [
  MARKS, SECONDS, SECONDS, CLASSES, WHOLES, WHOLES, PARTS, PARTS, ASSIGNED, EVERY, SYLLABLES,
  [...L, ...V, ...T], [..."aeiouAEIOUns /"],
];

// Of three texts two are in NFC but for what is added to one: there is something to err in.
function* randomTexts(count) {
  for (let i = 0; i < count; i++) {
    let text = "";
    for (let length = 1 + random(7); length > 0; length--) {
      text += pick(pick(POOLS));
    }
    yield [text, text.normalize("NFC"), text.normalize("NFC") + pick(SECONDS)][i % 3];
  }
}

function* product([first, ...rest]) {
  for (const start of first) {
    if (rest.length === 0) {
      yield start;
    } else {
      for (const end of product(rest)) {
        yield start + end;
      }
    }
  }
}

function* all(...products) {
  for (const lists of products) {
    yield* product(lists);
  }
}

const GROUPS = {
  "every code point": EVERY,
  "every character behind others": all([["e", "e\u0323", "e\u0301", L[0], SYLLABLES[0]], ASSIGNED]),
  "every character before others": all([ASSIGNED, ["\u0323", "\u0301", V[0], T[0]]]),
  "all that composes, and what may compose with it": all([[...PARTS, ...WHOLES], SECONDS]),
  "all that decomposes, and marks of each class": all([WHOLES, CLASSES]),
  "marks of each class, between": all([["a", "ệ", "ǭ", "ᾂ", "ே", "ෝ"], CLASSES, SECONDS]),
  "every mark, in both orders": all([MARKS, CLASSES], [CLASSES, MARKS]),
  "Hangul's letters": all([L, V, T], [[...L, ...V, ...T], [...L, ...V, ...T]]),
  "Hangul's syllables": all([SYLLABLES, [...T, V[0], "\u0323"]], [[...L, ...V, ...T], SYLLABLES]),
  "a million random strings": randomTexts(1000000),
};

// ---- the comparison ----

const BATCH = 100000;
const BYTES_MAX = 64; // of one text

function verdictsOf(texts) {
  const input = Buffer.alloc(texts.length * BYTES_MAX);
  let at = 0;
  for (const text of texts) {
    at += input.write(text, at);
    input[at++] = 0xff;
  }
  const run = { input: input.subarray(0, at), maxBuffer: 2 * BATCH };
  const { stdout, status } = spawnSync(PROGRAM, run);
  if (status !== 0 || stdout.length !== texts.length) {
    throw new Error("the program did not answer");
  }
  return stdout.toString("latin1");
}

// Of a text with two faults either may be found.
function isRight(text, verdict) {
  const unknown = UNKNOWN.test(text);
  if (!SAME_VERSION && (unknown || verdict === "?")) {
    return true;
  }
  const composed = text.normalize("NFC") === text;
  return { y: composed && !unknown, n: !composed, "?": unknown }[verdict];
}

const shown = (text) => [...text].map((c) =>
  "U+" + c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")).join(" ");

function* batches(texts) {
  let batch = [];
  for (const text of texts) {
    batch.push(text);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}

function wrongIn(texts) {
  const verdicts = verdictsOf(texts);
  return texts.filter((text, i) => !isRight(text, verdicts[i]))
    .map((text) => `${shown(text)} in NFC is ${shown(text.normalize("NFC"))}`);
}

for (const [name, texts] of Object.entries(GROUPS)) {
  let count = 0;
  const wrong = [];
  for (const batch of batches(texts)) {
    count += batch.length;
    wrong.push(...wrongIn(batch));
  }
  const lines = wrong.slice(0, 5).map((what) => `not ok ${name}: ${what}`);
  console.log(lines.join("\n") || `ok ${name}: ${count} texts`);
}
