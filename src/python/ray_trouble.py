"""Why a file could not be read or written, as the protocol has it: `{message, errno}`, the latter a name such as ENOSPC, or None."""

import errno


def trouble_words(error):
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    name, number = getattr(error, "filename", None), getattr(error, "errno", None)
    named = words if name is None else "%s: %s" % (name, words)
    return {"message": named[:1000], "errno": errno.errorcode.get(number) if number else None}
