// SIGNING_KEY=… node receiver.mjs
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const key = process.env.SIGNING_KEY;
if (!key) throw new Error("SIGNING_KEY is not set");

function verified(body, signature) {
  const expected = createHmac("sha256", key).update(body).digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const signature = request.headers["x-immuta-webhook-signature-sha256"] ?? "";
    // Parse the body only after this, and only these bytes.
    response.writeHead(verified(body, signature) ? 204 : 401).end();
  });
});

server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`listening on port ${server.address().port}`);
});
