"""What kopf is allowed to do: watch and ring, nothing that writes."""

import ast
from pathlib import Path

MAIN = Path(__file__).parents[2] / "operator/main.py"
ALLOWED = {"kopf.on.startup", "kopf.on.cleanup", "kopf.on.probe", "kopf.on.event"}


def test_only_event_handlers_are_registered_so_kopf_writes_nothing() -> None:
    tree = ast.parse(MAIN.read_text())
    found = {
        ast.unparse(decorator.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef | ast.FunctionDef)
        for decorator in node.decorator_list
        if isinstance(decorator, ast.Call)
    }
    assert {name for name in found if name.startswith("kopf.")} == ALLOWED


def test_the_folder_is_no_package_since_operator_is_a_standard_module() -> None:
    assert not (MAIN.parent / "__init__.py").exists()
