# Somebody made this one in Immuta's web page.
resource "immuta_webhook" "existing" {
  url        = "https://by-hand.example.com/immuta"
  verify_tls = false
}
