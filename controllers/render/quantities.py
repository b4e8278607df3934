"""Kubernetes quantities as numbers."""

import re

UNITS = {
    "": 1.0,
    "m": 1e-3,
    **{unit: 1000.0**power for power, unit in enumerate(("k", "M", "G", "T", "P", "E"), start=1)},
    **{unit: 1024.0**power for power, unit in enumerate(("Ki", "Mi", "Gi", "Ti", "Pi", "Ei"), start=1)},
}


def megabytes(quantity: str) -> int:
    """Whole mebibytes, rounded down. Raises ValueError when the text is no quantity."""
    found = re.fullmatch(r"([0-9.]+)([a-zA-Z]*)", quantity)
    if found is None or found[2] not in UNITS:
        raise ValueError(f"{quantity!r} is no quantity; wanted for example 512Mi or 4Gi")
    return int(float(found[1]) * UNITS[found[2]] // 1024**2)
