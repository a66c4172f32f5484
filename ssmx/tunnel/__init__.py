"""Local ports that lead to far ones."""
