# The keys come from the keyring; Immuta is mocked.
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

  mock_data "immuta_current_user" {
    defaults = {
      permissions      = ["APPLICATION_ADMIN"]
      token_expires_at = "2999-12-31T00:00:00Z"
    }
  }
}

run "a_webhook_for_each_receiver" {
  variables {
    keyring   = "tests/keys"
    receivers = { audit = "https://audit.example.com/immuta" }
  }

  assert {
    condition     = keys(output.webhook_ids) == ["audit"]
    error_message = "There should be a webhook for the receiver."
  }

  assert {
    condition     = output.tests["audit"].success
    error_message = "The receiver should be tested."
  }
}
