"""The official session-manager-plugin: found, invoked, relayed, and ended."""
