# With a mocked provider: no Immuta tenant is needed.
mock_provider "immuta" {
  mock_resource "immuta_webhook" {
    defaults = {
      id              = "0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10"
      signing_key_set = true
      suppressed      = false
    }
  }

  mock_data "immuta_webhook_test" {
    defaults = {
      success          = true
      status           = "SUCCESS"
      http_status_code = 204
    }
  }
}

variables {
  webhooks = {
    audit  = { url = "https://audit.example.com/immuta", signing_key_version = 1 }
    alerts = { url = "https://alerts.example.com/immuta", test = false }
  }
  signing_keys = { audit = "a key for tests" }
}

run "each_webhook_is_created" {
  assert {
    condition     = toset(keys(output.ids)) == toset(["alerts", "audit"])
    error_message = "There should be an id for each webhook."
  }

  assert {
    condition     = immuta_webhook.this["audit"].signing_key_wo_version == 1
    error_message = "The version of the key should be passed on."
  }

  assert {
    condition     = immuta_webhook.this["alerts"].verify_tls
    error_message = "Certificates should be verified by default."
  }

  assert {
    condition     = keys(output.tests) == ["audit"]
    error_message = "Only webhooks with test = true should be tested."
  }
}

run "a_failed_delivery_is_a_warning" {
  override_data {
    target = data.immuta_webhook_test.this
    values = {
      success          = false
      status           = "FAILED"
      http_status_code = 503
    }
  }

  expect_failures = [check.deliveries_arrive]
}

run "a_suppressed_webhook_is_a_warning" {
  variables {
    webhooks = { late = { url = "https://late.example.com/immuta", test = false } }
  }

  override_resource {
    target = immuta_webhook.this
    values = {
      id              = "0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10"
      signing_key_set = true
      suppressed      = true
    }
  }

  expect_failures = [check.nothing_is_suppressed]
}

run "plain_http_is_refused" {
  command = plan

  variables {
    webhooks = { audit = { url = "http://audit.example.com/immuta" } }
  }

  expect_failures = [var.webhooks]
}

run "duplicate_urls_are_refused" {
  command = plan

  variables {
    webhooks = {
      audit  = { url = "https://audit.example.com/immuta" }
      second = { url = "https://audit.example.com/immuta" }
    }
  }

  expect_failures = [var.webhooks]
}

run "invalid_names_are_refused" {
  command = plan

  variables {
    webhooks = { "Audit!" = { url = "https://audit.example.com/immuta" } }
  }

  expect_failures = [var.webhooks]
}
