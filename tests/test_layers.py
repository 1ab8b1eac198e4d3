"""Who may import whom (docs/architecture.md, section 3), read from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY = {
    "vietnamese": set(),
    "safety": {"vietnamese"},
    "helpline": {"safety"},
    "kb": {"vietnamese", "helpline"},
    "rasa_project": {"vietnamese", "safety", "kb", "helpline"},
    "actions": {"kb", "helpline", "rasa_project"},
    "connectors": {"helpline", "kb", "safety"},
    "desk": {"helpline", "kb", "safety"},
    "tianang": None,  # wires everything
}
# actions needs one module of rasa_project: the fix that both servers apply before they serve.
ONLY = {("actions", "rasa_project"): {"rasa_project", "rasa_project.server_fixes"}}
HEAVY = {"tensorflow", "rasa", "rasa_sdk"}
LIGHT = ("vietnamese", "safety", "helpline", "kb", "connectors", "desk")


def imports(package: str) -> list[tuple[Path, str]]:
    found = []
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"{package}: no file found"
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found += [(path, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                found.append((path, node.module))
                found += [(path, f"{node.module}.{a.name}") for a in node.names if node.module in MAY]
    return found


@pytest.mark.parametrize("package", list(MAY))
def test_a_package_imports_only_what_lies_below_it(package: str) -> None:
    allowed = MAY[package]
    if allowed is None:
        allowed = set(MAY)
    wrong = []
    for path, name in imports(package):
        top = name.split(".")[0]
        if top not in MAY or top == package:
            continue
        only = ONLY.get((package, top))
        if top not in allowed or (only is not None and name not in only):
            wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert not wrong


@pytest.mark.parametrize("package", LIGHT)
def test_what_must_start_quickly_does_not_import_rasa(package: str) -> None:
    wrong = [f"{path.relative_to(ROOT)} imports {name}" for path, name in imports(package) if name.split(".")[0] in HEAVY]
    assert not wrong
