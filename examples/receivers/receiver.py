# SIGNING_KEY=… python3 receiver.py
import hashlib
import hmac
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = os.environ["SIGNING_KEY"].encode()
if not KEY:
    raise SystemExit("SIGNING_KEY is empty")


def verified(body: bytes, signature: str) -> bool:
    expected = hmac.new(KEY, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        signature = self.headers.get("x-immuta-webhook-signature-sha256", "")
        # Parse the body only after this, and only these bytes.
        self.send_response(204 if verified(body, signature) else 401)
        self.end_headers()


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Receiver)
print(f"listening on port {server.server_port}", flush=True)
server.serve_forever()
