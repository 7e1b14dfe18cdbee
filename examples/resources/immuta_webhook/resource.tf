terraform {
  required_version = ">= 1.0"

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

variable "signing_key" {
  description = "The key that Immuta signs deliveries with."
  type        = string
  sensitive   = true
}

resource "immuta_webhook" "audit" {
  url         = "https://audit.example.com/immuta"
  signing_key = var.signing_key
}

# A receiver whose certificate is not signed by a public certificate authority.
resource "immuta_webhook" "internal" {
  url        = "https://hooks.internal.example.com:8443/immuta"
  verify_tls = false
}
