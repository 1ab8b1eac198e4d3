"""Rasa's custom actions, thin: read slots, call one function of the knowledge base, say the result."""

from actions.answer import ActionAnswer, ActionMore
from actions.dialogue import ActionContinue, ActionDeleteData, ActionDialogue, ActionFalseAlarm, ActionPerson
from actions.support import ActionSupport
from rasa_project import server_fixes

server_fixes.run_in_one_process()  # before `rasa run actions` serves

__all__ = [
    "ActionAnswer",
    "ActionContinue",
    "ActionDeleteData",
    "ActionDialogue",
    "ActionFalseAlarm",
    "ActionMore",
    "ActionPerson",
    "ActionSupport",
]
