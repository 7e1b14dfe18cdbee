# Requires Terraform 1.11 or OpenTofu 1.11. The key is not stored in state or plan.
variable "webhook_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "immuta_webhook" "alerts" {
  url                    = "https://alerts.example.com/immuta"
  signing_key_wo         = var.webhook_key
  signing_key_wo_version = 1 # increase it to send another key
}
