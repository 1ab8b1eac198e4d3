"""Sentence vectors for the screen: the protocol, the encoder that comes with the project, its weights and tuning."""
from safety.encoder.encoder import Bundled, Encoder, EncoderFailed, Heads

__all__ = ["Bundled", "Encoder", "EncoderFailed", "Heads"]
