"""The index: what is held about a child, who may see it, and what may be done to it."""
