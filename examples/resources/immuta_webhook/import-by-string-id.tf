# Terraform 1.5 and later, and OpenTofu 1.6 and later, import by a block. Without a resource block of
# this name, `terraform plan -generate-config-out=generated.tf` writes one.
import {
  to = immuta_webhook.internal
  id = "6a2d8f57-9b1e-4d3a-8a62-0d4f7c5b1e29"
}
