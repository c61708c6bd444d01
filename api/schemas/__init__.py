"""What goes in and out as JSON: one marshmallow schema for each message."""
