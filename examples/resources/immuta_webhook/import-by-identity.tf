# Requires Terraform 1.12 or OpenTofu 1.12.
import {
  to = immuta_webhook.partner
  identity = {
    id = "6a2d8f57-9b1e-4d3a-8a62-0d4f7c5b1e29"
  }
}

resource "immuta_webhook" "partner" {
  url        = "https://hooks.internal.example.com:8443/immuta"
  verify_tls = false
}
