terraform {
  required_version = ">= 1.8" # OpenTofu 1.7

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

output "endpoint" {
  value = provider::immuta::endpoint("eu")
}
