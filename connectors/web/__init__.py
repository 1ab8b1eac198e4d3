"""The web chat: the page that a child opens on an old phone, and the door behind it."""
