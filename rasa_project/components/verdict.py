"""The safety screen's verdict inside Rasa: it may change what Rasa understood, Rasa never changes the verdict."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from rasa_project.topics import DIALOGUE, FIRST_AID, asks_for_first_aid, asks_for_information
from safety.assessment import Assessment, Category, Level
from safety.screen import Screen
from vietnamese.normal import normalise

ASKED_FOR = 0.35  # least confidence of an information topic that a risk text asks for; chosen on training folds


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Verdict(GraphComponent):
    """Uses the assessment that came with the message; screens by itself only where none came (`rasa test`, `shell`).

    For a risk text the intent becomes the information that it asks for, if any (of an accident: first aid); else `counsellor_request` where that
    is the category; else `disclosure` (contract, section 2). With level none it is never `disclosure`: the next best
    is taken.
    """

    def __init__(self, screen_path: Path) -> None:
        self._screen_path = screen_path
        self._screen: Screen | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> Verdict:
        return cls(Path(os.environ.get("TIANANG_MODEL_DIR", "models")) / "screen.joblib")

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Verdict:
        return cls.create(config, model_storage, resource, execution_context)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            assessment = self._assessment(message)
            ranking = message.get(INTENT_RANKING_KEY) or []
            chosen = choose(assessment, ranking, message.get(TEXT) or "")
            if chosen is not None:
                message.set(INTENT, chosen, add_to_output=True)
                rest = [item for item in ranking if item[INTENT_NAME_KEY] != chosen[INTENT_NAME_KEY]]
                message.set(INTENT_RANKING_KEY, [chosen, *rest], add_to_output=True)
            message.set("assessment", assessment.to_dict(), add_to_output=True)
        return messages

    def _assessment(self, message: Message) -> Assessment:
        given = (message.get("metadata") or {}).get("assessment")
        if given:
            return Assessment.from_dict(given)
        if self._screen is None:
            self._screen = Screen.load(self._screen_path if self._screen_path.exists() else None)
        return self._screen.assess(message.get(TEXT) or "")


def choose(assessment: Assessment, ranking: list[dict[str, Any]], text: str) -> dict[str, Any] | None:
    """The intent that the verdict asks for, or None where Rasa's own choice stands."""
    top = ranking[0] if ranking else None
    if assessment.level is Level.NONE:
        if top is None or top[INTENT_NAME_KEY] != "disclosure":
            return None
        others = [item for item in ranking if item[INTENT_NAME_KEY] != "disclosure"]
        return others[0] if others else None
    plain = normalise(text).plain
    informing = [item for item in ranking if item[INTENT_NAME_KEY] not in DIALOGUE]
    if assessment.category is Category.DANGER and asks_for_first_aid(plain):
        for item in informing:
            if item[INTENT_NAME_KEY] in FIRST_AID:
                return item
    if informing and asks_for_information(plain):
        best = informing[0]
        share = sum(item[PREDICTED_CONFIDENCE_KEY] for item in informing)
        if best[PREDICTED_CONFIDENCE_KEY] >= ASKED_FOR * share:
            return best
    name = "counsellor_request" if assessment.category is Category.COUNSELLOR_REQUEST else "disclosure"
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: max(assessment.score, 0.5)}
