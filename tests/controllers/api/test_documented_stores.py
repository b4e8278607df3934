"""What docs/stores.md tells people to apply is what the resource takes and the operator carries out."""

from pathlib import Path

import pytest
import yaml

from controllers.api.store import Store
from controllers.certificates import FIRST_LABEL
from controllers.render.resolved import resolve
from tests.controllers.render.sample import diego

PAGE = (Path(__file__).parents[3] / "docs/stores.md").read_text()
BLOCKS = [yaml.safe_load(block.partition("```")[0]) for block in PAGE.split("```yaml")[1:]]
EXAMPLES = [block["spec"]["store"] for block in BLOCKS if "spec" in block]  # the others are a BBS's own configuration


@pytest.mark.parametrize("store", EXAMPLES, ids=[one["type"] for one in EXAMPLES])
def test_an_example_of_the_page_is_a_store_that_is_not_refused(store: dict[str, object]) -> None:
    assert str(Store.model_validate(store).type) == store["type"]
    assert resolve(diego(store=store), FIRST_LABEL).refused == ()
