"""Runs the migrations on the connection that `Database.migrate` hands over."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from helpline.tables import UtcDateTime, metadata


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Migrations speak of plain columns: encryption and time zones are the program's business, not the schema's."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime()"
    if kind == "type" and isinstance(item, sa.types.TypeDecorator):
        return "sa.Text()"
    return False


connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, render_item=render_item)
with context.begin_transaction():
    context.run_migrations()
connection.commit()
