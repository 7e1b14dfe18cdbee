terraform {
  required_providers {
    immuta = {
      source = "immuta/immuta"
    }
  }
}

# IMMUTA_ENDPOINT and IMMUTA_TOKEN are set in the environment: they lead to the simulator.
provider "immuta" {}

variable "receiver" {
  description = "Where the demo's receiver listens."
  type        = string
}

variable "signing_key" {
  description = "The key with which Immuta signs what it delivers."
  type        = string
  sensitive   = true
}

resource "immuta_webhook" "audit" {
  url         = var.receiver
  signing_key = var.signing_key
}
