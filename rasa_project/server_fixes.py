"""What Rasa 3.6.21 needs to run on Python 3.11 with a current Sanic, and one compiled validator.

`run_in_one_process` is for both servers, `compile_validator` for the brain only (it imports Rasa and TensorFlow).
Doing either twice changes nothing twice. Measured in docs/decisions/0002-rasa.md.
"""

from __future__ import annotations

from typing import Any

from sanic import Sanic

_MARK = "tianang_patched"


def run_in_one_process() -> None:
    """One process a port: the worker manager of newer Sanic cannot find the application that Rasa builds."""
    if getattr(Sanic.run, _MARK, False):
        return
    run = Sanic.run

    def run_single(self: Sanic, *args: Any, **kwargs: Any) -> None:
        kwargs.pop("workers", None)
        run(self, *args, single_process=True, **kwargs)

    setattr(run_single, _MARK, True)
    Sanic.run = run_single  # type: ignore[assignment,method-assign]


def compile_validator() -> None:
    """`jsonschema.validate` checks the schema itself on every call: 90 % of Rasa's time in an action call."""
    from jsonschema.validators import validator_for
    from rasa.core.actions.action import RemoteAction

    if getattr(RemoteAction._validate_action_result, _MARK, False):
        return
    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    setattr(validate, _MARK, True)
    RemoteAction._validate_action_result = validate  # type: ignore[method-assign]
