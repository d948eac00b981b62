// Puts and gets objects with clients of others: what to do, a JSON object on standard input
//   { endpoint, bucket, credentials: { name: … }, operations: [{ client, action, credentials, key, size }] }
// What came of each, a JSON list on standard output: { size, sha256 } or { status, code }.
import { createHash } from "node:crypto";
import { json } from "node:stream/consumers";
import { AwsClient } from "aws4fetch";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const { endpoint, bucket: Bucket, credentials, operations } = await json(process.stdin);

const body = (size) => Buffer.alloc(size, "every byte comes back\0\r\n");
const seen = (bytes) =>
  ({ size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") });

class Refused extends Error {
  constructor(status, code) {
    super(code);
    Object.assign(this, { status, code });
  }
}

// The answer's body; or what it says in XML is wrong.
async function bytesOf(response) {
  const bytes = Buffer.from(await response.arrayBuffer());
  if (!response.ok) {
    throw new Refused(response.status, /<Code>(\w+)<\/Code>/.exec(bytes.toString())?.[1]);
  }
  return bytes;
}

const s3 = (own) => new S3Client({
  endpoint, region: "auto", forcePathStyle: true, maxAttempts: 1,
  credentials: {
    accessKeyId: own.access_key_id, secretAccessKey: own.secret_access_key,
    sessionToken: own.session_token,
  },
});

const sdk = {
  put: (own, Key, Body) => s3(own).send(new PutObjectCommand({ Bucket, Key, Body })),
  get: async (own, Key) => {
    const answer = await s3(own).send(new GetObjectCommand({ Bucket, Key }));
    return Buffer.from(await answer.Body.transformToByteArray());
  },
};

const uploader = {
  put: (own, Key, Body) =>
    new Upload({ client: s3(own), params: { Bucket, Key, Body }, partSize: 5 * 2 ** 20 }).done(),
};

const presigner = {
  put: async (own, Key, Body) => {
    const url = await getSignedUrl(s3(own), new PutObjectCommand({ Bucket, Key }));
    await bytesOf(await fetch(url, { method: "PUT", body: Body }));
  },
  get: async (own, Key) =>
    bytesOf(await fetch(await getSignedUrl(s3(own), new GetObjectCommand({ Bucket, Key })))),
};

const ask = async (own, Key, init) => {
  const aws = new AwsClient({
    accessKeyId: own.access_key_id, secretAccessKey: own.secret_access_key,
    sessionToken: own.session_token, service: "s3", region: "auto", retries: 0,
  });
  return bytesOf(await aws.fetch(`${endpoint}/${Bucket}/${Key}`, init));
};
const aws4fetch = {
  put: (own, Key, body) => ask(own, Key, { method: "PUT", body }),
  get: (own, Key) => ask(own, Key),
};

const clients = { sdk, uploader, presigner, aws4fetch };

async function run({ client, action, credentials: name, key, size }) {
  try {
    const bytes = await clients[client][action](credentials[name], key, body(size));
    return seen(action === "get" ? bytes : body(size));
  } catch (error) {
    const status = error.status ?? error.$metadata?.httpStatusCode;
    return { status, code: error.code ?? error.Code ?? error.name };
  }
}

const outcomes = [];
for (const operation of operations) {
  outcomes.push(await run(operation));
}
console.log(JSON.stringify(outcomes));
