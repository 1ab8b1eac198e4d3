"""Places of Quảng Ninh, ages and the kind of speaker, as entities."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_END,
    ENTITY_ATTRIBUTE_START,
    ENTITY_ATTRIBUTE_TYPE,
    ENTITY_ATTRIBUTE_VALUE,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from helpline.clock import SystemClock, local
from kb import ages, audience, content
from kb.places import Gazetteer


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class PlacesAndAges(GraphComponent, EntityExtractorMixin):
    """Entities `place` (as typed), `age` (years) and `audience` (child, adult, official)."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {}

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> PlacesAndAges:
        return cls(content.load().gazetteer)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> PlacesAndAges:
        return cls(content.load().gazetteer)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            found = self._find(message.get(TEXT) or "")
            if found:
                present = message.get(ENTITIES, [])
                message.set(ENTITIES, present + self.add_extractor_name(found), add_to_output=True)
        return messages

    def _find(self, text: str) -> list[dict[str, Any]]:
        found = [_entity("place", match.span, match.said) for match in self._gazetteer.find(text)]
        said = ages.find(text, local(SystemClock().now()).year)
        found += [_entity("age", age.span, str(age.years)) for age in said]
        speaker = audience.tell(text)
        if speaker is not None:
            found.append(_entity("audience", (0, 0), str(speaker)))
        return found


def _entity(kind: str, span: tuple[int, int], value: str) -> dict[str, Any]:
    return {
        ENTITY_ATTRIBUTE_TYPE: kind,
        ENTITY_ATTRIBUTE_START: span[0],
        ENTITY_ATTRIBUTE_END: span[1],
        ENTITY_ATTRIBUTE_VALUE: value,
    }
