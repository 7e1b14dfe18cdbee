terraform {
  required_version = ">= 1.14"

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

# Each apply that creates or updates the webhook sends a test delivery. The apply fails if it does not arrive.
resource "immuta_webhook" "audit" {
  url                    = "https://audit.example.com/immuta"
  signing_key_wo         = var.signing_key
  signing_key_wo_version = 1

  lifecycle {
    action_trigger {
      events  = [after_create, after_update]
      actions = [action.immuta_webhook_test.after_change]
    }
  }
}

# Triggered by the webhook above: Immuta signs the delivery with the key that it stores. Terraform 1.16 warns that the
# triggering resource can be accessed as `caller`, see below.
action "immuta_webhook_test" "after_change" {
  config {
    webhook_id = immuta_webhook.audit.id
  }
}

# On demand, for a receiver that is not a webhook in Immuta yet:
#
#   terraform apply -invoke=action.immuta_webhook_test.candidate
#
# From Terraform 1.16 on, -invoke drops ephemeral values, and an action that refers to a resource cannot be
# invoked. So this action refers to no resource and has no key: its delivery is not signed.
action "immuta_webhook_test" "candidate" {
  config {
    url           = "https://new.example.com/immuta"
    allow_failure = true # warn instead of failing
  }
}
