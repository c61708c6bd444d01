"""A refusal as it is documented: RFC 9457 with our own members."""

from marshmallow import fields

from api.schemas.answering import Answer


class Mistake(Answer):
    """One thing wrong with one place of a message."""

    pointer = fields.String(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)


class ProblemOut(Answer):
    """Why something was refused; some codes carry members of their own, as ``expected``."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    code = fields.String(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True)
    errors = fields.List(fields.Nested(Mistake), required=True)
