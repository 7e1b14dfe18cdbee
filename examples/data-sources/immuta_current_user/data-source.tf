terraform {
  required_version = ">= 1.5" # check blocks; OpenTofu 1.6

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

# Outside of the check: a data source inside of a check is read again in each apply, so the plan is never empty.
data "immuta_current_user" "me" {}

check "token" {
  assert {
    condition     = contains(data.immuta_current_user.me.permissions, "APPLICATION_ADMIN")
    error_message = "The token's user may not manage webhooks."
  }

  assert {
    condition     = data.immuta_current_user.me.segment == "na"
    error_message = "The token is not for the segment na."
  }

  assert {
    condition = (
      data.immuta_current_user.me.token_expires_at == null ? true :
      timecmp(data.immuta_current_user.me.token_expires_at, timeadd(plantimestamp(), "336h")) > 0
    )
    error_message = "The token expires within two weeks."
  }
}
