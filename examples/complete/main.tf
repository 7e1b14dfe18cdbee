# Webhooks whose signing keys live in a secret store and rotate with it, and pass through Terraform
# without resting in a state or a plan. Needs Terraform 1.11 or OpenTofu 1.11.
#
# The store is imaginary: `keyring` is the provider of examples/minimal_provider.rs. A real store's
# provider has the same two things: an ephemeral resource for a secret, and a data source that tells
# the version which is current.
terraform {
  required_version = ">= 1.11"

  required_providers {
    immuta = {
      source = "immuta/immuta"
    }
    keyring = {
      source = "example/keyring"
    }
  }
}

variable "keyring" {
  description = "The folder with the keys: a file for each, whose first line is the version of the key on its second."
  type        = string
}

variable "receivers" {
  description = "Where deliveries go, by the names of their keys."
  type        = map(string)
}

variable "test_deliveries" {
  description = "Whether every plan and apply asks Immuta for a test delivery to each receiver."
  type        = bool
  default     = true
}

variable "verify_tls" {
  description = "Whether Immuta verifies the receivers' certificates."
  type        = bool
  default     = true
}

provider "immuta" {} # IMMUTA_SEGMENT, IMMUTA_TOKEN

provider "keyring" {
  folder = var.keyring
}

data "keyring_version" "of" {
  for_each = var.receivers

  name = each.key
}

ephemeral "keyring_key" "of" {
  for_each = var.receivers

  name = each.key
}

module "webhooks" {
  source = "../modules/webhooks"

  webhooks = {
    for name, url in var.receivers : name => {
      url                 = url
      verify_tls          = var.verify_tls
      signing_key_version = tonumber(data.keyring_version.of[name].value)
      test                = var.test_deliveries
    }
  }
  signing_keys = { for name, key in ephemeral.keyring_key.of : name => key.value }
}

# The token is the right one, and good for another fortnight. The data source is outside of the check,
# since one inside is read again in the apply, and then no plan is ever empty.
data "immuta_current_user" "me" {}

check "token" {
  assert {
    condition     = contains(data.immuta_current_user.me.permissions, "APPLICATION_ADMIN")
    error_message = "The token's user may not manage webhooks."
  }

  assert {
    condition = (
      data.immuta_current_user.me.token_expires_at == null ? true :
      timecmp(data.immuta_current_user.me.token_expires_at, timeadd(plantimestamp(), "336h")) > 0
    )
    error_message = "The token expires soon: make another one."
  }
}

output "webhook_ids" {
  value = module.webhooks.ids
}

output "tests" {
  value = module.webhooks.tests
}
