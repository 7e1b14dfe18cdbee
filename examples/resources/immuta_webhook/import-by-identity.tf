# Needs Terraform 1.12 or OpenTofu 1.12.
import {
  to = immuta_webhook.internal
  identity = {
    id = "6a2d8f57-9b1e-4d3a-8a62-0d4f7c5b1e29"
  }
}
