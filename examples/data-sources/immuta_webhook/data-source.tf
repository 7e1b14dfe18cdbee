# A webhook that something else manages, by where it delivers.
data "immuta_webhook" "audit" {
  url = "https://audit.example.com/immuta"
}

output "audit_is_held_back" {
  value = data.immuta_webhook.audit.suppressed
}
