resource "immuta_webhook" "this" {
  for_each = var.webhooks

  url        = each.value.url
  verify_tls = each.value.verify_tls

  signing_key_wo         = each.value.signing_key_version == null ? null : var.signing_keys[each.key]
  signing_key_wo_version = each.value.signing_key_version
}

# A failed delivery is a result, not an error; the check below makes it a warning.
data "immuta_webhook_test" "this" {
  for_each = { for name, webhook in var.webhooks : name => webhook if webhook.test }

  webhook_id = immuta_webhook.this[each.key].id
}

check "deliveries_arrive" {
  assert {
    condition = alltrue([for test in data.immuta_webhook_test.this : test.success])
    error_message = join("\n", concat(["These receivers failed a test delivery:"], [
      for name, test in data.immuta_webhook_test.this :
      "- ${name}: ${coalesce(test.error_message, "no reason given")}" if !test.success
    ]))
  }
}

check "nothing_is_suppressed" {
  assert {
    condition     = !anytrue([for webhook in immuta_webhook.this : webhook.suppressed])
    error_message = "Immuta suppresses deliveries to ${join(", ", [for name, webhook in immuta_webhook.this : name if webhook.suppressed])}."
  }
}

check "keys_are_set" {
  assert {
    condition = alltrue([
      for name, webhook in immuta_webhook.this :
      webhook.signing_key_set if var.webhooks[name].signing_key_version != null
    ])
    error_message = "Immuta has no signing key for a webhook that should have one: its deliveries are not signed."
  }
}
