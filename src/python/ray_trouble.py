"""An OSError as the protocol has it: `{message, errno}`, the latter a name such as ENOSPC, or None."""

import errno


def trouble_words(error):
    words = error.strerror or str(error)
    named = words if error.filename is None else "%s: %s" % (error.filename, words)
    return {"message": named[:1000], "errno": errno.errorcode.get(error.errno) if error.errno else None}
