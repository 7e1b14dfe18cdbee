# Warns two weeks before the provider's token expires (check blocks need Terraform 1.5, OpenTofu 1.6).
check "token" {
  data "immuta_current_user" "me" {}

  assert {
    condition     = contains(data.immuta_current_user.me.permissions, "APPLICATION_ADMIN")
    error_message = "The token's user may not manage webhooks."
  }

  assert {
    condition     = timecmp(data.immuta_current_user.me.token_expires_at, timeadd(plantimestamp(), "336h")) > 0
    error_message = "The token expires at ${data.immuta_current_user.me.token_expires_at}."
  }
}
