// aws4fetch on the request of signatures.lua: signatures.mjs bytes|seconds
// What `signatures.lua request` prints is read; for each case its name and the signature, or the CPU
// time of one, is written. Keys are kept between calls, as its client does.
import { readFileSync } from "node:fs";
import { AwsV4Signer } from "../spec/node_modules/aws4fetch/dist/aws4fetch.esm.mjs";

const given = JSON.parse(readFileSync(0, "utf8"));
const common = {
  accessKeyId: given.access_key_id,
  secretAccessKey: given.secret_access_key,
  sessionToken: given.session_token,
  service: "s3",
  region: "auto",
  method: "GET",
  cache: new Map(),
};

const cases = {
  sign: (datetime) => new AwsV4Signer({ ...common, url: given.url, datetime }).sign(),
  presign: (datetime) =>
    new AwsV4Signer({
      ...common, url: `${given.url}?X-Amz-Expires=${given.expires_seconds}`, signQuery: true, datetime,
    }).sign(),
};

// CPU time of all threads: part of Web Crypto's work is done by helpers.
async function secondsOf(run, count) {
  const start = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    await run();
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

async function bestOfBatches(run) {
  const count = 500;
  await secondsOf(run, 2000); // until the compiler has settled
  let best = Infinity;
  for (let batch = 0; batch < 6; batch++) {
    best = Math.min(best, await secondsOf(run, count));
  }
  return best / count;
}

for (const [name, run] of Object.entries(cases)) {
  if (process.argv[2] === "seconds") {
    console.log(`${name}\t${(await bestOfBatches(run)).toFixed(12)}`);
  } else {
    const time = new Date(given.now * 1000).toISOString().replace(/[:-]|\.\d{3}/g, "");
    const { url, headers } = await run(time);
    const signature = name === "sign"
      ? headers.get("authorization").match(/Signature=(.*)$/)[1]
      : url.searchParams.get("X-Amz-Signature");
    console.log(`${name}\t${signature}`);
  }
}
