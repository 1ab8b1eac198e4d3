"""The gateway: the only part that the internet reaches. Webhooks and web chat in, platform calls out."""
