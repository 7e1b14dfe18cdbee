# Every webhook whose deliveries Immuta is holding back.
data "immuta_webhooks" "held_back" {
  suppressed = true
}

output "held_back" {
  value = data.immuta_webhooks.held_back.webhooks[*].url
}
