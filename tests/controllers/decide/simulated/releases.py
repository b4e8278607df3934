"""Three releases: what each serves, and its API major."""

SERVES = {"0.1.0": (0, 1), "0.2.0": (0, 1, 2), "0.3.0": (1, 2, 3)}
MAJORS = {"0.1.0": 1, "0.2.0": 2, "0.3.0": 3}
