// Asks for temporary credentials with Cloudflare's own SDK, one after the other: a JSON list of
// parameters on standard input, a JSON list of what came of each on standard output. Where to ask and
// with which token the SDK reads from CLOUDFLARE_BASE_URL and CLOUDFLARE_API_TOKEN.

import { json } from "node:stream/consumers";
import Cloudflare from "cloudflare";

const client = new Cloudflare({ maxRetries: 0 });

async function ask(parameters) {
  try {
    return { result: await client.r2.temporaryCredentials.create(parameters) };
  } catch (error) {
    if (!(error instanceof Cloudflare.APIError)) {
      throw error;
    }
    return { error: { name: error.constructor.name, status: error.status, errors: error.errors } };
  }
}

const outcomes = [];
for (const parameters of await json(process.stdin)) {
  outcomes.push(await ask(parameters));
}
console.log(JSON.stringify(outcomes));
