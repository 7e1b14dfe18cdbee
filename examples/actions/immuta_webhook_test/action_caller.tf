# Terraform 1.16: the action refers to the webhook that triggers it as `caller`, so that one action serves many
# webhooks. before_destroy and after_destroy are events too, and on_failure says what a failure does: halt (the
# default), taint the webhook, or continue.
terraform {
  required_version = ">= 1.16"

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

resource "immuta_webhook" "alerts" {
  url = "https://alerts.example.com/immuta"

  lifecycle {
    action_trigger {
      events     = [after_create, after_update]
      actions    = [action.immuta_webhook_test.caller]
      on_failure = continue
    }
  }
}

action "immuta_webhook_test" "caller" {
  config {
    webhook_id = caller.id
  }
}
