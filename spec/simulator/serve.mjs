// Cloudflare's own simulator of R2, with one bucket and permanent keys: serve.mjs PORT
// It prints where its S3 API is, as soon as that answers.
import { Miniflare } from "miniflare";

const miniflare = new Miniflare({
  modules: true,
  script: "export default { fetch() { return new Response(null, { status: 404 }); } }",
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  r2Buckets: {
    BUCKET: {
      id: "my-bucket",
      s3Credentials: { accessKeyId: "1dea".repeat(8), secretAccessKey: "5ec7".repeat(16) },
    },
  },
});
console.log(`ready: ${await miniflare.ready}cdn-cgi/local/r2/s3`);
