# The id is the webhook's uuid: the Request app's API lists the webhooks with their ids.
terraform import immuta_webhook.audit 0b6f2c1e-58a4-4c0e-9d5c-2f7c3f1d9a10
