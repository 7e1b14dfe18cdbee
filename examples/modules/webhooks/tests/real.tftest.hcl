# With the real provider, against the Immuta that IMMUTA_SEGMENT (or IMMUTA_ENDPOINT) and IMMUTA_TOKEN
# name: a tenant for tests, or the project's simulator. What it makes is destroyed at its end.
variables {
  webhooks = {
    audit = { url = "https://audit.example.com/terraform-test", signing_key_version = 1, test = false }
  }
  signing_keys = { audit = "a key for tests" }
}

run "a_webhook_is_made" {
  assert {
    condition     = can(regex("^[0-9a-f-]{36}$", output.ids["audit"]))
    error_message = "The id should be a UUID."
  }

  assert {
    condition     = immuta_webhook.this["audit"].signing_key_set
    error_message = "Immuta should hold the key."
  }
}

run "another_version_sends_the_key_again" {
  variables {
    webhooks = {
      audit = { url = "https://audit.example.com/terraform-test", signing_key_version = 2, test = false }
    }
    signing_keys = { audit = "another key for tests" }
  }

  assert {
    condition     = immuta_webhook.this["audit"].signing_key_wo_version == 2 && immuta_webhook.this["audit"].signing_key_set
    error_message = "The second version of the key should be in use."
  }
}

# Nobody listens there, so Immuta reports a failed delivery.
run "a_receiver_that_is_down_is_told" {
  variables {
    webhooks = {
      audit = { url = "https://localhost:1/terraform-test", signing_key_version = 2 }
    }
  }

  expect_failures = [check.deliveries_arrive]
}
