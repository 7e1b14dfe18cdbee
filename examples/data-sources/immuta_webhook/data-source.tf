terraform {
  required_version = ">= 1.0"

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

# A webhook that another configuration manages, by its url.
data "immuta_webhook" "audit" {
  url = "https://audit.example.com/immuta"
}

output "audit_is_suppressed" {
  value = data.immuta_webhook.audit.suppressed
}
