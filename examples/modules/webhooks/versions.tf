terraform {
  required_version = ">= 1.11" # write-only attributes; OpenTofu 1.11 has them too

  required_providers {
    immuta = {
      source = "immuta/immuta"
    }
  }
}
