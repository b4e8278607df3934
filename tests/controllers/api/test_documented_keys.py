"""What docs/keys.md tells people to apply is what the resource takes."""

from pathlib import Path

import yaml

from controllers.api.encryption import Encryption

PAGE = (Path(__file__).parents[3] / "docs/keys.md").read_text()


def test_the_example_of_the_page_is_a_spec() -> None:
    block = PAGE.partition("```yaml")[2].partition("```")[0]
    found = Encryption.model_validate(yaml.safe_load(block)["spec"]["encryption"])
    assert [(key.name, key.secret_key_ref.key) for key in found.keys] == [
        ("key-2026-11", "2026-11"),
        ("key-2026-12", "2026-12"),
    ]
    assert found.active_key == "key-2026-12"
