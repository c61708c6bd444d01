"""What a refused batch or record is called, and what its sender can do about it."""

TEXTS: tuple[tuple[str, str, str], ...] = (
    (
        "truncated",
        "The body was cut off",
        "Send it again whole; nothing of it was kept.",
    ),
    (
        "digest_missing",
        "The digest is missing",
        "Send Content-Digest: sha-256=:…: over the bytes sent (RFC 9530).",
    ),
    (
        "digest_mismatch",
        "The digest is another one",
        "The bytes changed on the way, or the digest is of other bytes (it is taken after gzip).",
    ),
    (
        "header_invalid",
        "The header cannot be used",
        "NDJSON: the first line is the header, with sequence, mode and createdAt. CSV: "
        "Index-Sequence and Index-Mode.",
    ),
    (
        "trailer_missing",
        "The trailer is missing",
        "The last line is the trailer, with the count of the lines between it and the header.",
    ),
    (
        "count_missing",
        "The count is missing",
        "A CSV comes with Index-Count, the number of its rows without the first.",
    ),
    (
        "count_mismatch",
        "The count is another one",
        "announced and received say what was counted. Nothing was kept; send it again whole.",
    ),
    (
        "column_missing",
        "A column is missing",
        "The first row of a CSV names the columns; source_record_id must be one of them.",
    ),
    (
        "column_twice",
        "A column is named twice",
        "Name each column once.",
    ),
    (
        "csv_not_readable",
        "A row cannot be read as CSV",
        "line says which. Quote cells that hold commas, quotation marks or line ends.",
    ),
    (
        "line_too_long",
        "A line is too long",
        "line says which. No record is that long: perhaps the line ends were lost.",
    ),
    (
        "not_utf8",
        "The body is not UTF-8",
        "line says where. Save the file as UTF-8.",
    ),
    (
        "encoding_not_supported",
        "The compression is not known",
        "Content-Encoding is gzip, or absent.",
    ),
    (
        "gzip_not_readable",
        "The body is not readable as gzip",
        "Send it again; nothing of it was kept.",
    ),
    (
        "media_type_not_supported",
        "The format is not known",
        "Send application/x-ndjson or text/csv.",
    ),
    (
        "mode_not_supported",
        "Snapshots are not taken yet",
        "Send what changed, with mode delta.",
    ),
    (
        "too_large_expanded",
        "The body expands to too much",
        "Split the delivery into several batches, each with the next sequence.",
    ),
    (
        "sequence_repeated",
        "This sequence was received with other content",
        "Each batch has the next sequence. GET the feed's own state for the last one received.",
    ),
    (
        "sequence_gap",
        "A batch is missing before this one",
        "expected says which sequence comes next.",
    ),
    (
        "feed_suspended",
        "This feed is suspended",
        "Ask the index team.",
    ),
    (
        "not_finished",
        "The batch is still being applied",
        "Ask again when its state is loaded, partly-loaded or not-loaded.",
    ),
    (
        "record_rejected",
        "The record is rejected",
        "Each entry of errors says what is wrong. /api/v1/feed-lines.json describes a record.",
    ),
    (
        "id_differs",
        "The record names another id",
        "Leave sourceRecordId out, or give the one in the address.",
    ),
    (
        "version_conflict",
        "This version was received with other content",
        "Raise the version whenever the record changes.",
    ),
    (
        "not_json",
        "The body is not JSON",
        "Send one JSON object in UTF-8.",
    ),
    (
        "duplicate_key",
        "A key is there twice",
        "Send each key once.",
    ),
    (
        "too_deep",
        "The message is nested too deeply",
        "No message of this service is.",
    ),
    (
        "not_a_number",
        "NaN and infinities are no numbers",
        "Leave the value out.",
    ),
    (
        "number_too_large",
        "A number is too large",
        "Whole numbers have 19 digits at most.",
    ),
)
"""Code, title and advice of everything that a feed's door refuses."""
