"""Graph components of ours: tokenizer, intent classifier, places and ages, and the screen's verdict."""
