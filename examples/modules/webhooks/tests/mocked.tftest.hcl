# `terraform test -filter=tests/mocked.tftest.hcl` needs no Immuta: the provider is played.
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

run "each_webhook_is_made" {
  assert {
    condition     = toset(keys(output.ids)) == toset(["alerts", "audit"])
    error_message = "There should be an id for each webhook."
  }

  assert {
    condition     = immuta_webhook.this["audit"].signing_key_wo_version == 1
    error_message = "The key's version should be passed on."
  }

  assert {
    condition     = immuta_webhook.this["alerts"].verify_tls
    error_message = "Certificates should be verified unless something else is said."
  }

  assert {
    condition     = keys(output.tests) == ["audit"]
    error_message = "Only webhooks that want it should be tested."
  }
}

run "a_receiver_that_fails_is_told" {
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

run "a_webhook_that_is_held_back_is_told" {
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

  expect_failures = [check.nothing_is_held_back]
}

run "plain_http_is_refused" {
  command = plan

  variables {
    webhooks = { audit = { url = "http://audit.example.com/immuta" } }
  }

  expect_failures = [var.webhooks]
}

run "one_url_for_two_is_refused" {
  command = plan

  variables {
    webhooks = {
      audit  = { url = "https://audit.example.com/immuta" }
      second = { url = "https://audit.example.com/immuta" }
    }
  }

  expect_failures = [var.webhooks]
}

run "odd_names_are_refused" {
  command = plan

  variables {
    webhooks = { "Audit!" = { url = "https://audit.example.com/immuta" } }
  }

  expect_failures = [var.webhooks]
}
