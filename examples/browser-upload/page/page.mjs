// The page: files in, a row for each, and what becomes of it.
import { credential, Failure } from "./credentials.mjs";
import { bytes, duration, safePath } from "./text.mjs";
import { Upload } from "./upload.mjs";

const FILES_AT_ONCE = 3;
const RATE_OVER = 5_000; // milliseconds that a rate is taken over

const $ = (selector, from = document) => from.querySelector(selector);
const uploads = [];
let prefix = null;

// ---- where they go ----

// A folder of its own for each visit: nothing that is there is ever in the way.
const visit = `${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}-`
  + crypto.getRandomValues(new Uint32Array(1))[0].toString(36);

async function findPrefix() {
  if (!prefix) {
    const { sessionToken } = await credential();
    const jwt = atob(sessionToken).slice("jwt/".length);
    const claims = JSON.parse(new TextDecoder().decode(Uint8Array.from(
      atob(jwt.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0))));
    [prefix] = claims.paths.prefixPaths;
  }
  return `${prefix}${visit}/`;
}

// ---- a row ----

class Row {
  constructor() {
    this.element = $("#row").content.firstElementChild.cloneNode(true);
    this.marks = []; // [time, bytes], for the rate
    for (const [name, act] of [["pause", () => this.toggle()], ["retry", () => this.resume()],
      ["cancel", () => this.upload.cancel()]]) {
      $(`.${name}`, this.element).addEventListener("click", act);
    }
  }

  begin(upload, name) {
    this.upload = upload;
    this.name = name;
    $(".name", this.element).textContent = name;
    $(".size", this.element).textContent = bytes(upload.file.size);
    $("progress", this.element).setAttribute("aria-label", `Progress of ${name}`);
    for (const button of this.element.querySelectorAll("button")) {
      button.setAttribute("aria-label", `${button.textContent} ${name}`);
    }
  }

  toggle() {
    if (this.upload.state === "paused") {
      this.resume();
    } else {
      this.upload.pause();
    }
  }

  resume() {
    this.marks = [];
    this.upload.set("waiting");
    go();
  }

  rate() {
    const now = performance.now();
    this.marks.push([now, this.upload.sent]);
    while (this.marks.length > 2 && now - this.marks[0][0] > RATE_OVER) {
      this.marks.shift();
    }
    const [then, before] = this.marks[0];
    return now > then ? Math.max(0, (this.upload.sent - before) / ((now - then) / 1000)) : 0;
  }

  text() {
    const { state, sent, file, problem } = this.upload;
    if (state === "sending") {
      const rate = this.rate();
      const left = rate > 0 ? `, ${duration((file.size - sent) / rate)} left` : "";
      return `${bytes(sent)} of ${bytes(file.size)}${rate > 0 ? `, ${bytes(rate)}/s` : ""}${left}`;
    }
    return { waiting: "Waiting", paused: `Paused at ${bytes(sent)}`, done: "Uploaded",
      cancelled: "Cancelled", failed: problem?.message }[state];
  }

  show() {
    const { state, sent, file, problem } = this.upload;
    this.element.className = `row ${state}`;
    $("progress", this.element).value = file.size ? sent / file.size : Number(state === "done");
    $(".state", this.element).textContent = this.text();
    const over = state === "done" || state === "cancelled";
    const pause = $(".pause", this.element);
    pause.hidden = over || state === "failed";
    pause.textContent = state === "paused" ? "Resume" : "Pause";
    pause.setAttribute("aria-label", `${pause.textContent} ${this.name}`);
    $(".retry", this.element).hidden = state !== "failed" || !problem?.again;
    $(".cancel", this.element).hidden = over;
  }
}

// ---- all of them ----

function summarize() {
  const done = uploads.filter(({ state }) => state === "done").length;
  const failed = uploads.filter(({ state }) => state === "failed").length;
  $("#summary").textContent = `${done} of ${uploads.length} uploaded`
    + (failed ? `, ${failed} failed` : "");
  $("#list-section").hidden = uploads.length === 0;
}

function go() {
  const sending = uploads.filter(({ state }) => state === "sending").length;
  uploads.filter(({ state }) => state === "waiting").slice(0, FILES_AT_ONCE - sending)
    .forEach((upload) => { upload.run().then(go); });
}

function notify(message) {
  $("#notice").textContent = message;
  $("#notice").hidden = !message;
}

// Two files of one name, out of several folders, are two objects.
function freeKey(folder, path) {
  let key = folder + path;
  for (let number = 2; uploads.some((upload) => upload.key === key); number += 1) {
    key = folder + path.replace(/(\.[^./]*)?$/, (ending) => ` (${number})${ending}`);
  }
  return key;
}

/** @param {{ file: File, path: string }[]} chosen */
async function add(chosen) {
  notify("");
  let folder;
  try {
    folder = await findPrefix();
  } catch (error) {
    notify(error instanceof Failure ? error.message : "Something went wrong. Try again.");
    return;
  }
  for (const { file, path } of chosen) {
    const row = new Row();
    const safe = safePath(path) || "file";
    const upload = new Upload(file, freeKey(folder, safe), () => {
      row.show();
      summarize();
    });
    row.begin(upload, safe);
    uploads.push(upload);
    $("#list").append(row.element);
    row.show();
  }
  summarize();
  go();
}

// ---- what is chosen, and what is dropped ----

function fromInput(event) {
  const chosen = [...event.target.files].map((file) =>
    ({ file, path: file.webkitRelativePath || file.name }));
  event.target.value = "";
  add(chosen);
}

async function walk(entry, into) {
  if (entry.isFile) {
    const file = await new Promise((done, failed) => { entry.file(done, failed); });
    into.push({ file, path: entry.fullPath.replace(/^\//, "") });
    return;
  }
  const reader = entry.createReader();
  for (;;) { // a hundred at a time
    const entries = await new Promise((done, failed) => { reader.readEntries(done, failed); });
    if (!entries.length) {
      return;
    }
    for (const inner of entries) {
      await walk(inner, into);
    }
  }
}

async function fromDrop(event) {
  event.preventDefault();
  $("#drop").classList.remove("over");
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry())
    .filter(Boolean);
  const chosen = [];
  for (const entry of entries) {
    await walk(entry, chosen);
  }
  add(chosen);
}

$("#files").addEventListener("change", fromInput);
$("#folder").addEventListener("change", fromInput);
$("#drop").addEventListener("drop", fromDrop);
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  $("#drop").classList.add("over");
});
document.addEventListener("dragleave", () => $("#drop").classList.remove("over"));
addEventListener("beforeunload", (event) => {
  if (uploads.some(({ state }) => state === "sending" || state === "waiting")) {
    event.preventDefault();
  }
});
