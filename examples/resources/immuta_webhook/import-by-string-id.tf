import {
  to = immuta_webhook.legacy
  id = "0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10"
}

resource "immuta_webhook" "legacy" {
  url = "https://audit.example.com/immuta"
}
