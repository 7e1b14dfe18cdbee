# Needs Terraform 1.10 or OpenTofu 1.11. The key is in no plan and no state.
variable "signing_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

# Every plan and every apply sends a real delivery.
ephemeral "immuta_webhook_test" "audit" {
  url         = "https://audit.example.com/immuta"
  signing_key = var.signing_key
}

# A failed delivery is a result, so say what is to come of it: here a warning.
check "audit_receives_deliveries" {
  assert {
    condition     = ephemeral.immuta_webhook_test.audit.success
    error_message = "The audit receiver does not take deliveries."
  }
}
