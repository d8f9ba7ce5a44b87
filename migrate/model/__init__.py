"""The nouns of pickle-migrate: attrs classes without behaviour, shared by all rooms of the codemod."""

from migrate.model.classes import UNKNOWN, ClassSchema, Confidence, Evidence, Field, Kind, Source, TypeRef
from migrate.model.plans import Converters, Decision, FileEdit, FilePlan, Plan, Problem, Safety
from migrate.model.reasons import APART, REASONS, Reason
from migrate.model.sites import (
    ASKED_BY,
    READS,
    WRITES,
    CellPlace,
    FileSites,
    Import,
    Operation,
    Site,
    Span,
    Suppression,
)

__all__ = [
    "APART",
    "ASKED_BY",
    "READS",
    "REASONS",
    "UNKNOWN",
    "WRITES",
    "CellPlace",
    "ClassSchema",
    "Confidence",
    "Converters",
    "Decision",
    "Evidence",
    "Field",
    "FileEdit",
    "FilePlan",
    "FileSites",
    "Import",
    "Kind",
    "Operation",
    "Plan",
    "Problem",
    "Reason",
    "Safety",
    "Site",
    "Source",
    "Span",
    "Suppression",
    "TypeRef",
]
