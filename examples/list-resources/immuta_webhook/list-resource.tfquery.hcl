# `terraform query` lists these webhooks. With -generate-config-out=found.tf it writes a resource block and an
# import block for each.
list "immuta_webhook" "of_team" {
  provider = immuta
  limit    = 500 # default 100

  config {
    url_prefix = "https://hooks.example.com/"
  }
}

# Webhooks whose deliveries Immuta suppresses, with all their attributes.
list "immuta_webhook" "suppressed" {
  provider         = immuta
  include_resource = true

  config {
    suppressed = true
  }
}
