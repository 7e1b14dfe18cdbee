terraform {
  required_version = ">= 1.0"

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

# Every webhook whose deliveries Immuta suppresses.
data "immuta_webhooks" "suppressed" {
  suppressed = true
}

output "suppressed" {
  value = data.immuta_webhooks.suppressed.webhooks[*].url
}
