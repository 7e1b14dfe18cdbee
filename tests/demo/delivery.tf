# A real delivery at every plan and apply.
data "immuta_webhook_test" "audit" {
  webhook_id = immuta_webhook.audit.id
}

output "delivery" {
  value = "${data.immuta_webhook_test.audit.status} (HTTP ${data.immuta_webhook_test.audit.http_status_code})"
}
