"""Linking whole files and training models: the only place that knows Splink."""
