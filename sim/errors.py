"""The one kind of error that is the user's to mend."""


class UserError(Exception):
    """A mistake in what the user gave: the message says what was got, where, and what was expected.

    The command line prints the message without a traceback and exits with code 2.
    """


class RunFailed(Exception):
    """The run itself failed (a full disk, a killed worker, a hazard beyond the last layer): exit code 1."""
