# A real delivery at every plan and apply.
data "immuta_webhook_test" "audit" {
  webhook_id = immuta_webhook.audit.id
}
