"""Measurements: ratios taken within one run, so that a slow or busy machine tells little else."""
