output "ids" {
  description = "The IDs of the webhooks, by name."
  value       = { for name, webhook in immuta_webhook.this : name => webhook.id }
}

output "tests" {
  description = "The results of the test deliveries, by name."
  value = {
    for name, test in data.immuta_webhook_test.this : name => {
      success          = test.success
      status           = test.status
      http_status_code = test.http_status_code
      error_message    = test.error_message
    }
  }
}
