// The credential of this visitor: asked of the server, kept in memory only, and renewed before it
// ends. One asks, the others wait for it.

const MARGIN = 120_000; // milliseconds before its end in which another one is asked for

/** What went wrong, in words for a visitor; `again` says whether another try may help. */
export class Failure extends Error {
  constructor(message, again = true) {
    super(message);
    this.again = again;
  }
}

// A visitor's clock may be wrong, and R2 refuses what is signed 15 minutes off: the server's counts.
let ahead = 0; // milliseconds that this machine's is

/** Milliseconds, as the server has them. */
export const now = () => Date.now() - ahead;

const REASONS = {
  401: ["You are not signed in any more. Sign in, then try again.", true],
  403: ["This page may not upload here.", false],
  429: ["Too many at once. Wait a moment, then try again.", true],
};

async function ask() {
  let response;
  try {
    response = await fetch("/credentials", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch {
    throw new Failure("The connection was lost. Check it, then try again.");
  }
  if (!response.ok) {
    const known = REASONS[response.status];
    throw new Failure(known?.[0] ?? "The server cannot let you upload now. Try again later.",
      known?.[1]);
  }
  const given = await response.json();
  ahead = Date.now() - Date.parse(response.headers.get("date")) || 0;
  return { ...given, ends: Date.parse(given.expiration) };
}

let current = null;
let asking = null;

/** A credential with some time left: `accessKeyId`, …, `bucket`, `endpoint`. */
export async function credential() {
  if (current && current.ends - now() > MARGIN) {
    return current;
  }
  asking ??= ask().finally(() => { asking = null; });
  current = await asking;
  return current;
}

/** Says that R2 has refused this one: the next time another one is asked for. */
export function refused(which) {
  if (current === which) {
    current = null;
  }
}
