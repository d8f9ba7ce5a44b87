"""Handlers that were written for pickle still catch what a codec raises."""

import pickle

import pytest

from migrate.legacy.errors import MigrateError
from migrate.runtime import ConverterError, DecodeError, EncodeError, TruncatedRecord, UnknownClass


@pytest.mark.parametrize(
    ("error", "handlers"),
    {
        EncodeError: (pickle.PickleError, pickle.PicklingError, TypeError, ConverterError, MigrateError),
        DecodeError: (pickle.PickleError, pickle.UnpicklingError, ValueError, ConverterError, MigrateError),
        TruncatedRecord: (pickle.UnpicklingError, EOFError, DecodeError),
        UnknownClass: (pickle.UnpicklingError, AttributeError, DecodeError),
    }.items(),
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_derives_from(error, handlers):
    for handler in handlers:
        assert issubclass(error, handler)


@pytest.mark.parametrize(
    ("error", "handlers"),
    {
        EncodeError: (pickle.UnpicklingError, ValueError, EOFError, DecodeError),
        DecodeError: (pickle.PicklingError, TypeError, EOFError, AttributeError, EncodeError),
        UnknownClass: (EOFError, pickle.PicklingError),
    }.items(),
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_does_not_derive_from(error, handlers):
    for handler in handlers:
        assert not issubclass(error, handler)


def test_message_path_and_reason():
    error = EncodeError("no", reason="unregistered-class", path="a.b[0]")
    assert str(error) == "a.b[0]: no"
    assert (error.reason, error.path, error.message) == ("unregistered-class", "a.b[0]", "no")
    assert str(DecodeError("no")) == "no"


def test_every_reason_is_documented(codec):
    from migrate.model import REASONS

    for error in (EncodeError, DecodeError, TruncatedRecord, UnknownClass):
        assert error("x").reason in REASONS
