// Gets an object with the AWS SDK for JavaScript, and prints it: node get.mjs URL BUCKET KEY [FILE]
// FILE holds credentials of the format "sdk"; without it they come from where the SDK looks.
import { readFileSync } from "node:fs";
import { S3Client, GetObjectCommand } from "@aws-sdk/client-s3";

const [endpoint, Bucket, Key, file] = process.argv.slice(2);
const options = { region: "auto", forcePathStyle: true, maxAttempts: 1 };
if (endpoint) {
  options.endpoint = endpoint;
}
if (file) {
  const credentials = JSON.parse(readFileSync(file, "utf8"));
  credentials.expiration = new Date(credentials.expiration);
  options.credentials = credentials;
}
const s3 = new S3Client(options);
const answer = await s3.send(new GetObjectCommand({ Bucket, Key }));
process.stdout.write(await answer.Body.transformToString());
