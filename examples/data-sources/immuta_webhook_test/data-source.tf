terraform {
  required_version = ">= 1.5" # check blocks; OpenTofu 1.6

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

# Every plan and every apply sends a delivery. In a check block a failed delivery is a warning.
check "audit_receives_deliveries" {
  data "immuta_webhook_test" "audit" {
    webhook_id = immuta_webhook.audit.id
  }

  assert {
    condition     = data.immuta_webhook_test.audit.success
    error_message = "The audit receiver failed: ${coalesce(data.immuta_webhook_test.audit.error_message, "no reason given")}."
  }
}

# A receiver that is not a webhook in Immuta yet.
data "immuta_webhook_test" "candidate" {
  url         = "https://hooks.example.com/immuta"
  verify_tls  = true
  signing_key = var.signing_key
}

output "candidate_is_ready" {
  value = data.immuta_webhook_test.candidate.success
}
