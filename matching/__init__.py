"""The matcher: is this record about the same person as that one? It asks nobody."""
