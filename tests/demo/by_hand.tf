# Somebody made this one in Immuta's web page.
resource "immuta_webhook" "by_hand" {
  url        = "https://by-hand.example.com/immuta"
  verify_tls = false
}
