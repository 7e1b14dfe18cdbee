variable "webhooks" {
  description = <<-TEXT
    The webhooks, by names of your choice. Each has

    - `url`: the receiver's https URL;
    - `verify_tls`: whether Immuta verifies the receiver's certificate, default true;
    - `signing_key_version`: the version of its key in `signing_keys`. Change it to send the key again;
      null if Terraform does not manage a key;
    - `test`: whether every plan and apply sends a test delivery, default true.
  TEXT

  type = map(object({
    url                 = string
    verify_tls          = optional(bool, true)
    signing_key_version = optional(number)
    test                = optional(bool, true)
  }))
  nullable = false

  validation {
    condition     = alltrue([for webhook in var.webhooks : startswith(lower(webhook.url), "https://")])
    error_message = "Every url must start with https://, so that deliveries are encrypted."
  }

  validation {
    condition     = length(distinct([for webhook in var.webhooks : webhook.url])) == length(var.webhooks)
    error_message = "Two webhooks have the same url: its receiver would get every event twice."
  }

  validation {
    condition     = alltrue([for name, _ in var.webhooks : can(regex("^[a-z][a-z0-9_-]*$", name))])
    error_message = "Names consist of lowercase letters, digits, - and _, and start with a letter."
  }
}

variable "signing_keys" {
  description = "The signing keys, by the names of the webhooks. They are not stored in state or plan."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true
}
