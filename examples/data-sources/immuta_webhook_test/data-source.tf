variable "signing_key" {
  description = "The key with which Immuta signs what it delivers."
  type        = string
  sensitive   = true
}

resource "immuta_webhook" "audit" {
  url         = "https://audit.example.com/immuta"
  signing_key = var.signing_key
}

# Every plan and every apply sends a real delivery to the receiver. Inside a check block a receiver
# that does not answer is a warning, and the rest of the run goes on (Terraform 1.5 and later).
check "audit_receives_deliveries" {
  data "immuta_webhook_test" "audit" {
    webhook_id = immuta_webhook.audit.id
  }

  assert {
    condition     = data.immuta_webhook_test.audit.success
    error_message = "The audit receiver answered ${data.immuta_webhook_test.audit.http_status_code}."
  }
}

# The same without a webhook in Immuta: is this receiver ready to be registered?
data "immuta_webhook_test" "candidate" {
  url         = "https://hooks.example.com/immuta"
  verify_tls  = true
  signing_key = var.signing_key
}

output "candidate_is_ready" {
  value = data.immuta_webhook_test.candidate.success
}
