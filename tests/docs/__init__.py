"""What users read is tested: names that they meet are explained, links lead somewhere, commands exist."""
