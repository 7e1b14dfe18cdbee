# Needs Terraform 1.14. Every new or changed webhook proves itself with a test delivery; by hand:
#
#   terraform apply -invoke=action.immuta_webhook_test.audit
variable "signing_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

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

action "immuta_webhook_test" "audit" {
  config {
    url         = "https://audit.example.com/immuta"
    signing_key = var.signing_key
  }
}
