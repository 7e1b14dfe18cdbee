terraform {
  required_providers {
    immuta = {
      source = "immuta/immuta"
    }
  }
}

# The personal access token of the Request app comes from the environment: IMMUTA_TOKEN.
provider "immuta" {
  segment = "na" # North America; "eu" and "ap" are the others
}
