"""What a refused or uncertain outcome is to its caller: an error of the catalogue."""

from app.core.errors import MaruError, Unavailable, error_for
from app.store.port import Outcome, Rejected, Unknown


def outcome_error(outcome: Outcome) -> MaruError | None:
    """The error of an outcome that wrote nothing or may not have; None for the others."""
    if isinstance(outcome, Rejected):
        return error_for(outcome.code, outcome.detail, outcome.fields or None)
    if isinstance(outcome, Unknown):
        return Unavailable(outcome.detail, retry_after=1)
    return None


def require_done(outcome: Outcome) -> Outcome:
    """The outcome, if the draft holds now. Raises the error otherwise."""
    error = outcome_error(outcome)
    if error is not None:
        raise error
    return outcome
