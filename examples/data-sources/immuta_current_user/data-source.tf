# Checks need Terraform 1.5 or OpenTofu 1.6. The data source may stand inside of the check too; but then it
# is read again in each apply, so that no plan is empty.
data "immuta_current_user" "me" {}

# Warns of a token that may not manage webhooks, and two weeks before it expires.
check "token" {
  assert {
    condition     = contains(data.immuta_current_user.me.permissions, "APPLICATION_ADMIN")
    error_message = "The token's user may not manage webhooks."
  }

  assert {
    condition     = data.immuta_current_user.me.segment == "na"
    error_message = "The token is not of North America."
  }

  assert {
    condition = (
      data.immuta_current_user.me.token_expires_at == null ? true :
      timecmp(data.immuta_current_user.me.token_expires_at, timeadd(plantimestamp(), "336h")) > 0
    )
    error_message = "The token expires within two weeks."
  }
}
