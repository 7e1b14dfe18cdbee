# Needs Terraform 1.14.
variable "signing_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

# Every new or changed webhook proves itself, or the apply fails.
resource "immuta_webhook" "audit" {
  url                    = "https://audit.example.com/immuta"
  signing_key_wo         = var.signing_key
  signing_key_wo_version = 1

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.immuta_webhook_test.audit]
    }
  }
}

# Immuta delivers with the key that it holds. By hand:
#
#   terraform apply -invoke=action.immuta_webhook_test.audit
action "immuta_webhook_test" "audit" {
  config {
    webhook_id = immuta_webhook.audit.id
  }
}

# A receiver that Immuta does not know yet. The key may be ephemeral, and a failure is only told:
#
#   terraform apply -invoke=action.immuta_webhook_test.candidate
action "immuta_webhook_test" "candidate" {
  config {
    url           = "https://new.example.com/immuta"
    signing_key   = var.signing_key
    allow_failure = true
  }
}
