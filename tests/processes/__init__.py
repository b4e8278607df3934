"""Real BBS processes on loopback under real faults: signals, a silent store, wrong certificates, damaged records."""
