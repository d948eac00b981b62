// Lists a bucket for as long as a credential lives, from where AWS_CONTAINER_CREDENTIALS_FULL_URI
// says, and beyond: renewed.mjs ENDPOINT CLOCK. Time is told, here and to whoever hands out: CLOCK
// takes ?ahead=SECONDS. A JSON list on standard output, of { ahead, seen }: which session tokens the
// SDK's provider gave at that time.
import { setTimeout as pause } from "node:timers/promises";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

const [endpoint, clock] = process.argv.slice(2);
const COUNT = 20; // requests at each time
const MINUTE = 60; // seconds
const client = new S3Client({ endpoint, region: "auto", forcePathStyle: true, maxAttempts: 1 });

const began = Date.now();
let ahead = 0;
Date.now = () => began + ahead * 1000;

async function jump(seconds) {
  ahead = seconds;
  await (await fetch(`${clock}?ahead=${seconds}`)).text();
}

const token = async () => (await client.config.credentials()).sessionToken;

// The SDK gives the old one while it fetches another.
async function another(old) {
  for (let turn = 0; turn < 3000 && (await token()) === old; turn++) {
    await pause(10);
  }
}

async function look() {
  const seen = new Set();
  for (let i = 0; i < COUNT; i++) {
    seen.add(await token());
  }
  return { ahead, seen: [...seen] };
}

const looks = [];
for (let i = 0; i < COUNT; i++) {
  await client.send(new ListObjectsV2Command({ Bucket: "my-bucket", Prefix: "in/" }));
}
const { sessionToken, expiration } = await client.config.credentials();
const left = Math.floor((expiration.getTime() - began) / 1000);
looks.push(await look());
await jump(left - 6 * MINUTE); // it renews with 5 minutes left
looks.push(await look());
await jump(left - 4 * MINUTE);
await another(sessionToken);
looks.push(await look());
console.log(JSON.stringify(looks));
