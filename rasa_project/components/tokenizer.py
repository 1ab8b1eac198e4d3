"""Tokens over the normal form of Vietnamese, each with the place where it was typed."""

from __future__ import annotations

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from vietnamese.normal import normalise

_SYLLABLE = re.compile(r"\w+|[^\w\s]", re.UNICODE)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class VietnameseTokenizer(Tokenizer):
    """Splits into syllables; the token's text is the normal form, its span the characters as typed."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None, "prefix_separator_symbol": None}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = message.get(attribute) or ""
        normal = normalise(text)
        tokens = []
        for match in _SYLLABLE.finditer(normal.text):
            start, end = normal.span(match.start(), match.end())
            tokens.append(Token(match.group(), start, end))
        return tokens
