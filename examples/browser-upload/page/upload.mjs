// One file on its way: in one request, or, where it is large, in equal parts, of which those that
// have arrived need not be sent again.
import { Failure } from "./credentials.mjs";
import { send } from "./s3.mjs";

const MIB = 1 << 20;
const LARGE = 16 * MIB; // from here on in parts
const PART = 8 * MIB; // at least; R2 takes 10,000 equal parts
const PARTS_AT_ONCE = 3;
const TRIES = 5; // of one part, or of a small file
const WAIT = 500; // milliseconds before the second try; then twice as many each time

const NONSENSE = "Storage gave an answer that makes no sense.";

const sleep = (milliseconds) => new Promise((done) => { setTimeout(done, milliseconds); });

function partSize(size) {
  return Math.max(PART, Math.ceil(size / 10_000 / MIB) * MIB);
}

function escapeXml(text) {
  return text.replace(/[<>&"]/g, (c) => `&#${c.charCodeAt(0)};`);
}

export class Upload {
  /**
   * @param {File} file
   * @param {string} key
   * @param {() => void} changed called when `state`, `sent` or `problem` has changed
   */
  constructor(file, key, changed) {
    Object.assign(this, { file, key, changed, state: "waiting", problem: null, sent: 0 });
    this.parts = []; // ETags of those that have arrived
    this.moving = new Map(); // part number -> bytes that are out
    this.stop = null;
  }

  set(state, problem = null) {
    this.state = state;
    this.problem = problem;
    this.changed(this);
  }

  /** Sends what is missing. Never rejects: what fails is in `problem`. */
  async run() {
    this.stop = new AbortController();
    this.set("sending");
    try {
      await (this.file.size < LARGE ? this.sendWhole() : this.sendParts());
      this.sent = this.file.size;
      this.set("done");
    } catch (error) {
      this.moving.clear();
      this.count();
      if (this.state === "sending") { // not paused, nor cancelled
        this.stop.abort();
        this.set("failed", error instanceof Failure ? error
          : new Failure("The file cannot be read. Choose it again."));
      }
    }
  }

  pause() {
    this.set("paused");
    this.stop?.abort();
  }

  /** Gives it up; what has arrived in parts is thrown away there too. */
  async cancel() {
    const { uploadId } = this;
    this.set("cancelled");
    this.stop?.abort();
    if (uploadId) {
      this.uploadId = null;
      await send({ method: "DELETE", key: this.key, query: { uploadId } }).catch(() => {});
    }
  }

  count() {
    let sent = 0;
    this.parts.forEach((part) => { sent += part.size; });
    this.moving.forEach((bytes) => { sent += bytes; });
    this.sent = Math.min(sent, this.file.size);
    this.changed(this);
  }

  // Tries again what may succeed the next time.
  async patiently(asked, body, number) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send(asked, body, {
          signal: this.stop.signal,
          progress: (bytes) => { this.moving.set(number, bytes); this.count(); },
        });
      } catch (error) {
        this.moving.delete(number);
        if (!(error instanceof Failure) || !error.again || tries === TRIES) {
          throw error;
        }
      }
      await sleep(WAIT * 2 ** (tries - 1));
      this.stop.signal.throwIfAborted();
    }
  }

  async sendWhole() {
    await this.patiently({
      method: "PUT", key: this.key,
      headers: { "content-type": this.type(), "if-none-match": "*" },
    }, this.file, 0);
  }

  type() {
    return this.file.type || "application/octet-stream";
  }

  async sendParts() {
    if (!this.uploadId) {
      const xhr = await this.patiently({
        method: "POST", key: this.key, query: { uploads: "" },
        headers: { "content-type": this.type() },
      }, null, 0);
      this.uploadId = xhr.responseText.match(/<UploadId>([^<]+)<\/UploadId>/)?.[1];
      if (!this.uploadId) {
        throw new Failure(NONSENSE);
      }
    }
    this.moving.clear();
    await this.sendMissing();
    await this.complete();
  }

  async sendMissing() {
    const size = partSize(this.file.size);
    const missing = [];
    for (let number = 1; (number - 1) * size < this.file.size; number += 1) {
      if (!this.parts[number]) {
        missing.push(number);
      }
    }
    const worker = async () => {
      for (let number = missing.shift(); number; number = missing.shift()) {
        await this.sendPart(number, size);
      }
    };
    await Promise.all(Array.from({ length: PARTS_AT_ONCE }, worker));
  }

  async sendPart(number, size) {
    const blob = this.file.slice((number - 1) * size, number * size);
    const xhr = await this.patiently({
      method: "PUT", key: this.key,
      query: { partNumber: String(number), uploadId: this.uploadId },
    }, blob, number);
    this.parts[number] = { etag: xhr.getResponseHeader("etag"), size: blob.size };
    this.moving.delete(number);
    this.count();
  }

  async complete() {
    const parts = this.parts.map(({ etag }, number) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`);
    const xhr = await this.patiently({
      method: "POST", key: this.key, query: { uploadId: this.uploadId },
      headers: { "content-type": "application/xml" },
    }, `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`, 0);
    if (!xhr.responseText.includes("<CompleteMultipartUploadResult")) { // S3 says errors with 200, too
      throw new Failure(NONSENSE);
    }
  }
}
