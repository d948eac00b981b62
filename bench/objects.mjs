// Many small objects up, listed, down and away with the AWS SDK; bench/objects runs it.
//   objects.mjs FOLDER OTHER COUNT AT_ONCE
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";

const require = createRequire(new URL("../spec/", import.meta.url));
const {
  DeleteObjectsCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client,
} = require("@aws-sdk/client-s3");

const [folder, other, count, atOnce] = process.argv.slice(2);
const Bucket = process.env.R2_BUCKET;
const Prefix = `bench-sdk${atOnce}/`;
const s3 = new S3Client({ endpoint: process.env.R2_ENDPOINT, region: "auto", forcePathStyle: true });

async function each(action) {
  let next = 1;
  const work = async () => {
    while (next <= count) {
      await action(next++);
    }
  };
  await Promise.all(Array.from({ length: Number(atOnce) }, work));
}

await each(async (number) => {
  const Body = await readFile(`${folder}/${number}`);
  await s3.send(new PutObjectCommand({ Bucket, Key: Prefix + number, Body }));
});
const keys = [];
let ContinuationToken;
do {
  const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }));
  keys.push(...page.Contents.map(({ Key }) => ({ Key })));
  ContinuationToken = page.NextContinuationToken;
} while (ContinuationToken);
await each(async (number) => {
  const answer = await s3.send(new GetObjectCommand({ Bucket, Key: Prefix + number }));
  await writeFile(`${other}/${number}`, await answer.Body.transformToByteArray());
});
await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys } }));
