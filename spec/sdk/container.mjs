// Lists a bucket with credentials from where AWS_CONTAINER_CREDENTIALS_FULL_URI says, so often as the
// third argument has it: container.mjs ENDPOINT PREFIX COUNT. Each time the credentials are asked of
// the SDK's provider anew.
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";

const [endpoint, Prefix, count] = process.argv.slice(2);
const client = new S3Client({ endpoint, region: "auto", forcePathStyle: true, maxAttempts: 1 });
let found;
for (let i = 0; i < Number(count); i++) {
  found = await client.send(new ListObjectsV2Command({ Bucket: "my-bucket", Prefix }));
}
console.log(found.Contents[0].Key);
