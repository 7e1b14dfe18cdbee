variable "signing_key" {
  description = "The key with which Immuta signs what it delivers."
  type        = string
  sensitive   = true
}

# Deliveries to this webhook are signed, so that its receiver can tell that they come from Immuta.
resource "immuta_webhook" "audit" {
  url         = "https://audit.example.com/immuta"
  signing_key = var.signing_key
}

# A receiver with a certificate that no public authority has signed.
resource "immuta_webhook" "internal" {
  url        = "https://hooks.internal.example.com:8443/immuta"
  verify_tls = false
}
