# Needs Terraform 1.14: `terraform query` lists these webhooks, and with -generate-config-out=found.tf
# writes the configuration and the import blocks that take them over.
list "immuta_webhook" "of_team" {
  provider = immuta
  limit    = 500 # 100 unless set

  config {
    url_prefix = "https://hooks.example.com/"
  }
}

# Those to which Immuta is holding back deliveries, with all their attributes.
list "immuta_webhook" "held_back" {
  provider         = immuta
  include_resource = true

  config {
    suppressed = true
  }
}
