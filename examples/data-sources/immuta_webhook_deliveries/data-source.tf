terraform {
  required_version = ">= 1.0"

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

data "immuta_webhook" "audit" {
  url = "https://audit.example.com/immuta"
}

# Its latest deliveries, newest first.
data "immuta_webhook_deliveries" "audit" {
  webhook_id = data.immuta_webhook.audit.id
  limit      = 10
}

output "failed_deliveries" {
  value = [for delivery in data.immuta_webhook_deliveries.audit.deliveries : delivery.created_at if delivery.status == "FAILED"]
}
