# Against the tenant that IMMUTA_SEGMENT (or IMMUTA_ENDPOINT) and IMMUTA_TOKEN name: a test tenant, or the simulator.
# The test destroys what it creates.
variables {
  webhooks = {
    audit = { url = "https://audit.example.com/terraform-test", signing_key_version = 1, test = false }
  }
  signing_keys = { audit = "a key for tests" }
}

run "a_webhook_is_created" {
  assert {
    condition     = can(regex("^[0-9a-f-]{36}$", output.ids["audit"]))
    error_message = "The id should be a UUID."
  }

  assert {
    condition     = immuta_webhook.this["audit"].signing_key_set
    error_message = "Immuta should have the key."
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

# Nothing listens there, so Immuta reports a failed delivery.
run "an_unreachable_receiver_is_a_warning" {
  variables {
    webhooks = {
      audit = { url = "https://localhost:1/terraform-test", signing_key_version = 2 }
    }
  }

  expect_failures = [check.deliveries_arrive]
}
