terraform {
  required_version = ">= 1.10" # OpenTofu 1.11

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

variable "signing_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

# Every plan and every apply sends a delivery. The key is not stored in state or plan.
ephemeral "immuta_webhook_test" "audit" {
  url         = "https://audit.example.com/immuta"
  signing_key = var.signing_key
}

# A failed delivery is a result; this check makes it a warning. The message of a check may not contain an
# ephemeral value, so it cannot show the result's error_message.
check "audit_receives_deliveries" {
  assert {
    condition     = ephemeral.immuta_webhook_test.audit.success
    error_message = "The audit receiver failed a test delivery."
  }
}
