variable "webhooks" {
  description = <<-TEXT
    The webhooks, by names of your choice. Each has

    - `url`: where deliveries go, an https URL;
    - `verify_tls`: whether Immuta verifies the receiver's certificate;
    - `signing_key_version`: which version of its key in `signing_keys` is the current one. Another
      number sends the key again; null means that the webhook has no key from here;
    - `test`: whether every plan and apply asks Immuta for a test delivery.
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
    error_message = "Every url must start with https://, so that nobody on the way reads the deliveries."
  }

  validation {
    condition     = length(distinct([for webhook in var.webhooks : webhook.url])) == length(var.webhooks)
    error_message = "Two webhooks have one url, so its receiver would get every event twice."
  }

  validation {
    condition     = alltrue([for name, _ in var.webhooks : can(regex("^[a-z][a-z0-9_-]*$", name))])
    error_message = "Names are made of small letters, digits, - and _, and start with a letter."
  }
}

variable "signing_keys" {
  description = "The signing keys, by the names of the webhooks. They are in no state and no plan."
  type        = map(string)
  default     = {}
  nullable    = false
  sensitive   = true
  ephemeral   = true
}
