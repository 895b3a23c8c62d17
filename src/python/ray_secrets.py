"""Secrets of a node's environment: its workers know them, and the launcher, which takes others out of what they say, does not."""

import json
import re
import urllib.parse

# As the launcher has it, in secret-names.ts.
SECRET_NAME = re.compile(
    r"KEY(?!BOARD)|TOKEN(?!IZ)|SECRET|PASSWORD|PASSWD|(?:(?<=[A-Z0-9]_)|(?<=-))PWD|PASSPHRASE|AUTH(?!OR(?!I))|CREDENTIAL|BEARER",
    re.IGNORECASE | re.ASCII,
)
SHORTEST = 6
REDACTED = "[redacted]"
# The launcher finds its page by them.
NAMES = ("id", "input", "output", "type")


class Secrets:
    def __init__(self, environment):
        values = [value for name, value in environment.items() if SECRET_NAME.search(name)]
        lines = [line for value in values for line in [value] + value.splitlines() if len(line.strip()) >= SHORTEST]
        forms = {form for line in lines for form in (line, json.dumps(line)[1:-1], urllib.parse.quote(line, safe=""))}
        # A secret that begins with another one must go whole.
        self._forms = sorted(forms, key=len, reverse=True)

    def taken_out(self, text):
        """A line without them; one of the protocol keeps what it names its page by."""
        if not any(form in text for form in self._forms):
            return text
        try:
            message = json.loads(text) if text.startswith("{") else None
        except ValueError:
            message = None
        return json.dumps(self._clean(message)) if isinstance(message, dict) else self._without(text)

    def _clean(self, value):
        if isinstance(value, str):
            return self._without(value)
        if isinstance(value, list):
            return [self._clean(each) for each in value]
        if isinstance(value, dict):
            return {name: each if name in NAMES else self._clean(each) for name, each in value.items()}
        return value

    def _without(self, text):
        for form in self._forms:
            text = text.replace(form, REDACTED)
        return text
