"""The only SQL: functions take a connection, never commit, and return frozen dataclasses."""
