# Webhooks whose signing keys come from a secret store and rotate with it. The keys are not stored in state or
# plan. Requires Terraform 1.11 or OpenTofu 1.11. README.md says how to run it.
#
# The store is imaginary: `keyring` is the provider of examples/minimal_provider.rs. The provider of a real store
# has the same two parts: an ephemeral resource for a secret, and a data source for its current version.
terraform {
  required_version = ">= 1.11"

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
    keyring = {
      source  = "example/keyring"
      version = "~> 0.1"
    }
  }
}

variable "keyring" {
  description = "The folder with the keys: a file for each, whose first line is the version of the key on its second."
  type        = string
}

variable "receivers" {
  description = "The URLs of the receivers, by the names of their keys."
  type        = map(string)
}

variable "test_deliveries" {
  description = "Whether every plan and apply sends a test delivery to each receiver."
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

# Outside of the check: a data source inside of a check is read again in each apply, so that no plan is empty.
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
    error_message = "The token expires within two weeks."
  }
}

output "webhook_ids" {
  value = module.webhooks.ids
}

output "tests" {
  value = module.webhooks.tests
}
