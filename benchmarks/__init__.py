"""How fast and how large the whole service is, beside a plain Rasa bot, in one run on one machine."""
