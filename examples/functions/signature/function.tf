# Needs Terraform 1.8 or OpenTofu 1.7.
output "signature" {
  value = provider::immuta::signature("{\"id\":\"1\"}", "a key for tests")
}
