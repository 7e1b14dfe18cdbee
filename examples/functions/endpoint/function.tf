# Needs Terraform 1.8 or OpenTofu 1.7.
output "endpoint" {
  value = provider::immuta::endpoint("eu")
}
