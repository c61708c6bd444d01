"""The lines a feed sends: one marshmallow schema for each, and the same as JSON Schema.

An error message of a field is its stable code; ``statements`` makes problems of them. A schema
loads into the keywords of the ``records`` dataclass of the same name, so nothing is copied twice.
"""

import re

NAME_LENGTH = 100
_SHORT, _LONG, _EMAIL = 100, 200, 254
_MOST_ITEMS = 50
_LARGEST = 2**63 - 1
_DAY = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")
