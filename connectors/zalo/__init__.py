"""Zalo Official Account: signed webhook in, consultation messages out."""
