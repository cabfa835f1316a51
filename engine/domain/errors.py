"""Every error the engine raises on purpose.

AaitiError
├ ConfigurationError
├ MarketDataError    InvalidBar · MissingBars · StaleBars
├ ModelError         ModelNotFound · FeatureMismatch
├ OrderError         InvalidOrder · OrderRejected · InsufficientFunds
│                    OrderNotFound · OrderOutcomeUnknown
├ VenueError         VenueUnavailable · RateLimited · RegionBlocked
│                    NotAuthenticated · ClockSkew
├ LedgerError        Overfill · ReconciliationMismatch
├ LeaseLost
├ UnusableSample
└ TradingHalted

A message names the field, the value and the way out. Refusals that belong to the ordinary
course of business (a gate that holds a decision) are values, not exceptions.
"""

from __future__ import annotations


class AaitiError(Exception):
    """Base of all. Show the message to the operator as it stands."""


class ConfigurationError(AaitiError):
    """A setting or an argument is unusable. Tell the operator; nothing was started."""


class MarketDataError(AaitiError):
    """Market data cannot be used. Do not trade on it; show the message."""


class InvalidBar(MarketDataError):
    """A bar breaks a rule of bars (high < low, NaN, off the grid). Drop the source, name file and row."""


class MissingBars(MarketDataError):
    """Bars that were asked for are not there. Sync or import them, then ask again."""


class StaleBars(MarketDataError):
    """The newest bar is too old to act on. Pause new risk until data flows."""


class ModelError(AaitiError):
    """A model cannot be used. Keep the one that is active."""


class ModelNotFound(ModelError):
    """No model goes by that name or number. List the models and choose one."""


class FeatureMismatch(ModelError):
    """The artefact was made for other features, or was altered. Retrain; never use it."""


class OrderError(AaitiError):
    """An order went wrong. Look at the subclass before doing anything."""


class InvalidOrder(OrderError):
    """The order breaks the instrument's rules and was not sent. Correct it."""


class OrderRejected(OrderError):
    """The venue refused the order; nothing was executed. Tell the operator."""


class InsufficientFunds(OrderRejected):
    """The balance does not cover the order; nothing was executed. Reduce it."""


class OrderNotFound(OrderError):
    """The venue does not know the client id. Once proves nothing: ask again before believing it."""


class OrderOutcomeUnknown(OrderError):
    """Sent, no answer. Keep its money reserved and look it up by client id; never send blindly again."""


class VenueError(AaitiError):
    """The venue cannot serve us now. Pause new risk; exits are retried."""


class VenueUnavailable(VenueError):
    """No connection or a server error. Retry later, bounded."""


class RateLimited(VenueError):
    """Too many requests. Wait `retry_after` seconds before the next one."""

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class RegionBlocked(VenueError):
    """The venue does not serve this country (HTTP 451). Never retry; offer another source."""


class NotAuthenticated(VenueError):
    """Key, signature, address or permission refused. Ask the operator for working keys."""


class ClockSkew(VenueError):
    """Our clock and the venue's differ too much. Synchronise, sign again."""


class LedgerError(AaitiError):
    """The books do not add up. Halt new risk and tell the operator."""


class Overfill(LedgerError):
    """More was filled than was ordered. Halt and reconcile."""


class ReconciliationMismatch(LedgerError):
    """Ledger and venue disagree. Halt and reconcile."""


class LeaseLost(AaitiError):
    """Another process trades this account now. Stop at once; nothing of this step was written."""


class UnusableSample(AaitiError, ValueError):
    """A figure cannot be computed from these values (too few, holes, no variation). Show the words in its place."""


class TradingHalted(AaitiError):
    """A halt is latched. Only exits go on until the operator resets it."""
