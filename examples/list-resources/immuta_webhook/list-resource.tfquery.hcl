# Needs Terraform 1.14: `terraform query` lists these webhooks, and with -generate-config-out=found.tf
# writes the configuration and the import blocks that take them over.
list "immuta_webhook" "of_team" {
  provider = immuta

  config {
    url_prefix = "https://hooks.example.com/"
  }
}
