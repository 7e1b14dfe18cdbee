terraform {
  required_version = ">= 1.0"

  required_providers {
    immuta = {
      source  = "immuta/immuta"
      version = "~> 0.1"
    }
  }
}

# The personal access token comes from the environment variable IMMUTA_TOKEN.
provider "immuta" {
  segment = "na" # or "eu", "ap"
}
