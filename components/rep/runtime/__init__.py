"""The runtime runs apps as child processes and knows nothing of Diego: the rep drives it over a unix socket."""
