"""What an error of Ray means for the actor that a call was for."""

import re


class Gone(Exception):
    """The actor is gone for certain. `why` is the protocol's."""

    def __init__(self, why, message):
        super().__init__(message)
        self.why = why


def is_certain(error, errors):
    """Whether an error of a call means that the actor will never answer."""
    unavailable = getattr(errors, "ActorUnavailableError", ())
    final = (errors.RayActorError, getattr(errors, "ActorUnschedulableError", ()), getattr(errors, "OutOfMemoryError", ()))
    return not isinstance(error, unavailable) and any(isinstance(error, each) for each in final)


def actor_words(error):
    """What Ray says of an actor's end, in one line without the numbers of actor and process."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("The actor is dead because", "The actor died because", "Worker exit"))]
    words = " ".join(telling) or (lines[-1] if lines else type(error).__name__)
    # Ray's guesses at a cause are long and general.
    words = re.split(r" (?:Some common causes|There are some potential)", words)[0]
    return "the process that held the GPU ended: %s" % words[:500]


def last_line(error):
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1][:500] if lines else type(error).__name__
