"""From what flows through a site to what is to be done there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from attrs import evolve

from migrate.evidence import stdlib
from migrate.evidence.reach import nested
from migrate.model import APART, READS, WRITES, Decision, Operation, Safety, Site, Span
from migrate.plan.formats import format_of
from migrate.sites.files import FRAME_METHOD
from migrate.sites.libraries import CODE_PICKLERS, relative_reason
from migrate.sites.modules import module_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from migrate.evidence import Flow
    from migrate.plan.choice import Choice

_MANUAL = {Operation.IMPORT, Operation.RELATIVE, Operation.SUBCLASS, Operation.UNPARSED}
_DATA = READS | WRITES | {Operation.VALUE, Operation.MODULE, Operation.SHELF}
_CALLED_BY_PICKLE = frozenset(
    f"__{name}__" for name in ("reduce", "reduce_ex", "getstate", "setstate", "getnewargs", "getnewargs_ex")
)
_MODELS = frozenset(
    {"sklearn", "xgboost", "lightgbm", "catboost", "keras", "tensorflow", "torch", "statsmodels", "scipy"}
)
"""Libraries whose objects are no plain data."""
_STORES = {"shelve": "shelves", "joblib": "files of joblib", "pandas": "files of pandas"}
"""Libraries whose data are not those of pickle's own functions, and what they are."""
_RESTRICTED = (
    "May `{what}` read instances of every class that the converters module registers?"
    " Its find_class may let fewer pass."
)
_NOT_EDITED = "a magic runs it, or the file has several lines of code on one; Jupyter divides them"


def decide_file(sites: Iterable[Site], flows: Mapping[str, Flow], choice: Choice) -> tuple[Decision, ...]:
    """Decide all sites of one file.

    Sites that exchange data move together: one that must stay on pickle holds up the writers beside it, and
    one that asks a question asks it for all of them.
    """
    decisions = [_alone(site, flows.get(site.id)) for site in sites]
    if not any(d.site.operation in _DATA for d in decisions):
        decisions = [_without_calls(d) for d in decisions]
    if choice.deepcopy:
        decisions = [_copied(d, decisions) for d in decisions]
    decisions = [_measured(d, decisions) for d in _held(decisions, choice.held)]
    channels: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        channels[decision.channel].append(decision)
    together = {d.site.id: d for group in channels.values() for d in _together(group)}
    return with_followers([together[d.site.id] for d in decisions], choice)


def with_followers(decisions: Iterable[Decision], choice: Choice) -> tuple[Decision, ...]:
    """Apply those decisions of a file that ``choice`` wants, as far as the sites beside them come along.

    A writer waits for a reader of its channel that is not chosen, what a program does with a pickler of its
    own waits for where it is made and the other way round, and handlers and constants follow the calls.
    """
    chosen = _in_line([evolve(d, apply=choice.applies(d)) for d in decisions])
    return tuple(
        _follow(d, chosen) if d.site.operation in (Operation.ERROR, Operation.CONSTANT) else d for d in chosen
    )


def _alone(site: Site, flow: Flow | None) -> Decision:
    """Decide one site by itself."""
    if site.reason in APART or (site.operation is Operation.RELATIVE and site.library != "shelve"):
        alone = f"{site.path}:{site.span.line}"
        return Decision(site, Safety.MANUAL, channel=alone, reason=site.reason, why=format_of(site.library))
    channel = f"{site.path}: {_STORES[site.library]}" if site.library in _STORES else site.path
    if site.reason == "notebook":
        return Decision(site, Safety.MANUAL, channel, reason=site.reason, why=_NOT_EDITED)
    if site.reason or site.operation in _MANUAL:
        reason = site.reason or "unsupported-name"
        return Decision(site, Safety.MANUAL, channel, reason=reason, why=_spare(site))
    if site.operation is Operation.ARRAY:
        return _array(site)
    if site.operation not in _DATA:
        return Decision(
            site, Safety.SAFE, channel, why="pickle's own name; the converters module has its counterpart"
        )
    evidence = flow.types if flow else ()
    if foreign := _foreign(site, flow):
        why = f"`{_short(site.value or site.handle or '')}` is a {foreign}, an object of another library"
        why = "; ".join(filter(None, (why, format_of(foreign))))
        return Decision(site, Safety.MANUAL, channel, reason="model-file", why=why, evidence=evidence)
    if own := _of_own_class(site, flow):
        why = f"`{_short(site.value or '')}` is of {own}, which has a to_pickle of its own"
        return Decision(site, Safety.MANUAL, channel, reason="frame-file", why=why)
    if site.cell is not None:
        return _in_notebook(site, flow, channel)
    closed = flow is not None and flow.closed
    if flow and closed and not site.restricts and not site.unseen:
        return Decision(site, Safety.SAFE, channel, why=flow.why, evidence=evidence)
    return Decision(
        site,
        Safety.REVIEW,
        channel,
        reason=_closed_reason(site) if closed else _open_reason(site),
        question=_closed_question(site) if closed else _question(site, flow),
        why=flow.why if flow else "",
        evidence=evidence,
    )


def _spare(site: Site) -> str:
    """Say of a subclass that its users can do without what they lose by that: nothing."""
    if not site.spare or site.operation is not Operation.SUBCLASS:
        return ""
    does = "it only changes names of classes, which are aliases now" if site.renames else "it changes no data"
    return f"{does}; its users read registered classes without it: delete it when nothing uses it any more"


def _array(site: Site) -> Decision:
    asked = (
        f"Are there no arrays of objects in `{_short(site.handle or site.text)}`? numpy then refuses them."
    )
    alone = f"{site.path}:{site.span.line}"
    return Decision(site, Safety.REVIEW, alone, reason="object-array", question=asked)


def _in_notebook(site: Site, flow: Flow | None, channel: str) -> Decision:
    """Decide a site of a notebook: what is seen there holds only if its cells run in their order."""
    own = sorted(key for key in (flow.classes if flow else ()) if _is_of(key, site.path))
    evidence = flow.types if flow else ()
    if own:
        why = f"{own[0].partition(':')[2]} is a class of this notebook, which nothing else can import"
        return Decision(site, Safety.MANUAL, channel, reason="notebook", why=why, evidence=evidence)
    closed = flow is not None and flow.closed
    asked = "Does this notebook run from the top, its cells in order?"
    return Decision(
        site,
        Safety.REVIEW,
        channel,
        reason="notebook" if closed else _open_reason(site),
        question=asked if closed else f"{asked} {_question(site, flow)}",
        why=flow.why if flow else "",
        evidence=evidence,
    )


def _is_of(key: str, path: str) -> bool:
    """Whether a class is defined in the notebook at ``path``."""
    module = key.partition(":")[0].rpartition(".")[2]
    return module == module_name(path.rpartition("/")[2], {})


def _closed_reason(site: Site) -> str:
    return "subclass-of-pickler" if site.restricts else "hash-of-bytes"


def _closed_question(site: Site) -> str:
    """Ask what else decides of a site through which only known classes flow."""
    return _about_restriction(site) if site.restricts else _about_bytes(site)


def _about_bytes(site: Site) -> str:
    return (
        f"Is nothing looked up, compared, hashed or signed by the bytes of `{_short(site.text)}`?"
        f" They are {site.unseen}, and JSON has others."
    )


def _open_reason(site: Site) -> str:
    if site.operation in (Operation.DUMP_FILE, Operation.LOAD_FILE):
        return relative_reason(site.library)
    return "code-pickler" if site.library in CODE_PICKLERS else "unknown-classes"


def _without_calls(decision: Decision) -> Decision:
    """Ask about a handler or a constant whose file has no call: what it is for is not seen there.

    Pickle's own errors would pass by a handler that has moved, where a pickler of others raises them. What a
    class says to pickle itself stays: pickle calls the method, also after the data have moved.
    """
    name, operation = _short(decision.site.text), decision.site.operation
    if decision.safety is not Safety.SAFE or operation not in (Operation.ERROR, Operation.CONSTANT):
        return decision
    method = decision.site.scope.rpartition(".")[2]
    if operation is Operation.ERROR and method in _CALLED_BY_PICKLE:
        return evolve(
            decision,
            safety=Safety.MANUAL,
            reason="channel-not-rewritten",
            why=f"pickle itself calls {method}(); its exceptions still match",
            apply=False,
        )
    asked = (
        f"Is `{name}` here only for what goes through the converters module, and pickled by nothing else?"
        if operation is Operation.CONSTANT
        else f"Does all that raises or catches `{name}` here go through the converters module? What pickle"
        " itself raises is not caught any more."
    )
    why = "no call of this file moves"
    return evolve(decision, safety=Safety.REVIEW, reason="channel-not-rewritten", question=asked, why=why)


def _foreign(site: Site, flow: Flow | None) -> str | None:
    """Return the class of another library that joblib stores, such as a model, if it is known to be one."""
    if site.library != "joblib":
        return None
    names = (ref.name for fact in (flow.types if flow else ()) for ref in nested(fact.type))
    known = stdlib.SCALARS | stdlib.VALUES | stdlib.NUMPY
    own = (name for name in names if "." in name and ":" not in name and name not in known)
    return next((name for name in own if name.partition(".")[0] in _MODELS), None)


def _of_own_class(site: Site, flow: Flow | None) -> str | None:
    """Return the class of the tree whose own ``to_pickle`` is called, if it is known to be one."""
    names = (fact.type.name for fact in (flow.types if flow else ()))
    return next((name for name in names if ":" in name), None) if site.function == FRAME_METHOD else None


def _copied(decision: Decision, decisions: list[Decision]) -> Decision:
    """Let ``loads(dumps(x))``, written as one expression, become a deep copy; ``dumps`` goes with it."""
    site = decision.site
    if site.operation is not Operation.LOADS or site.reason != "deepcopy-idiom" or site.keep:
        return decision
    inner = (d.site for d in decisions if d.site.operation is Operation.DUMPS)
    if not any(one.text == site.handle and one.value and _within(one.span, site.span) for one in inner):
        return decision
    return evolve(
        decision, safety=Safety.SAFE, deepcopy=True, why="a copy in memory: copy.deepcopy, as asked"
    )


def _within(inner: Span, outer: Span) -> bool:
    start, end = (outer.line, outer.column), (outer.end_line, outer.end_column)
    return start <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= end


def _held(decisions: list[Decision], held: Mapping[str, str]) -> list[Decision]:
    """Leave the sites in ``held`` and what can only move with them."""
    reasons = {d.site.id: held[d.site.id] for d in decisions if d.site.id in held}
    for decision in decisions:
        if decision.site.id in reasons:
            for other in _bound_to(decision.site, [d.site for d in decisions]):
                reasons.setdefault(other.id, reasons[decision.site.id])
    return [
        evolve(d, safety=Safety.MANUAL, reason=reasons[d.site.id], question=None, why="")
        if d.site.id in reasons and d.safety is not Safety.MANUAL
        else d
        for d in decisions
    ]


def _bound_to(site: Site, sites: list[Site]) -> list[Site]:
    """Return the sites of the file that cannot be edited while ``site`` stays as it is, byte for byte.

    Those are the other uses of a pickler or function that the program put into a variable, and the call in
    whose arguments a constant stands.
    """
    origin = site.origin or site.id
    spare = any(s.spare and s.id == origin for s in sites)
    variable = [s for s in sites if s is not site and not spare and origin in (s.id, s.origin)]
    if site.operation is Operation.CONSTANT:
        variable += [s for s in sites if s is not site and _encloses(s, site)]
    return variable


def _encloses(outer: Site, inner: Site) -> bool:
    a, b = outer.span, inner.span
    return (a.line, a.column) <= (b.line, b.column) and (b.end_line, b.end_column) <= (
        a.end_line,
        a.end_column,
    )


def _in_line(decisions: list[Decision]) -> list[Decision]:
    """Take back what cannot be applied without a site of the same channel that is not applied."""
    lagging = [
        d
        for d in decisions
        if d.site.operation in _DATA
        and d.site.operation not in WRITES
        and d.safety is Safety.REVIEW
        and not d.apply
    ]
    staying = {d.site.id for d in decisions if not d.apply}
    staying |= {d.site.origin for d in decisions if d.site.origin and not d.apply}
    staying -= {d.site.id for d in decisions if d.site.spare}
    return [_waiting(d, lagging, staying) if d.apply else d for d in decisions]


def _waiting(decision: Decision, lagging: list[Decision], staying: set[str]) -> Decision:
    site = decision.site
    if staying & {site.origin, site.id}:
        return evolve(decision, apply=False)
    reader = next((d for d in lagging if d.channel == decision.channel), None)
    if reader is None or site.operation in READS or site.operation not in _DATA:
        return decision
    why = f"line {reader.site.span.line} reads the same data and its question is open"
    return evolve(decision, reason="channel-not-rewritten", why=why, apply=False)


def _question(site: Site, flow: Flow | None) -> str:
    """Ask what a person must know to accept a site through which an open set of classes flows."""
    where = site.scope or "the module"
    if site.operation in WRITES:
        subject = f"can be in `{_short(site.value or site.text)}`, written by {where},"
    elif site.operation is Operation.SHELF:
        subject = f"can be in the shelf `{_short(site.handle or site.text)}`, opened by {where},"
    elif site.operation in READS:
        subject = f"can be in the data which {where} reads from `{_short(site.handle or site.text)}`"
    else:
        subject = f"will meet `{_short(site.text)}`, which {where} passes on as a value,"
    asked = f"Are all classes that {subject} registered in the converters module?"
    if site.restricts:
        asked += f" {_about_restriction(site)}"
    if site.unseen:
        asked += f" {_about_bytes(site)}"
    if site.library in CODE_PICKLERS:
        asked += f" And are there none of the functions and local classes that only {site.library} stores?"
    if site.operation in (Operation.DUMP_FILE, Operation.LOAD_FILE):
        asked += _about_file(site)
    return f"{asked} ({flow.why})" if flow and flow.why else asked


def _about_restriction(site: Site) -> str:
    return _RESTRICTED.format(what=_short(site.text))


def _about_file(site: Site) -> str:
    """Ask what else must be so where another library's file becomes one of ours."""
    what = "a frame or a series of pandas" if site.library == "pandas" else "plain data, and no model"
    if site.operation is Operation.LOAD_FILE:
        return f" And is it {what}?"
    return f" And is it {what}, and every program that reads the file rewritten?"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."


def _together(group: list[Decision]) -> list[Decision]:
    """Make the decisions of one channel agree."""
    moving = [d for d in group if d.site.operation in _DATA and d.safety is not Safety.MANUAL]
    staying = [d for d in group if exchanges(d.site) and d.safety is Safety.MANUAL]
    readers_staying = [d for d in staying if d.site.operation not in WRITES]
    # A writer whose bytes may be a key holds nobody up: whoever moves still reads what it writes.
    asking = [d for d in moving if d.safety is Safety.REVIEW and d.reason != "hash-of-bytes"]
    return [_in_step(d, readers_staying, asking) if d in moving else d for d in group]


def exchanges(site: Site) -> bool:
    """Whether data pass through a site; so they do through a class of the program's own kind of shelf."""
    return site.operation in _DATA or (site.library == "shelve" and site.operation is Operation.SUBCLASS)


def _measured(decision: Decision, decisions: list[Decision]) -> Decision:
    """Leave a writer whose bytes the same function hands to a tool that knows only pickle's opcodes."""
    tools = [d for d in decisions if d.reason == "opcode-tool" and d.site.scope == decision.site.scope]
    if not tools or decision.site.operation is not Operation.DUMPS or decision.safety is Safety.MANUAL:
        return decision
    why = f"line {tools[0].site.span.line} takes the bytes for pickle's opcodes"
    return evolve(decision, safety=Safety.MANUAL, reason="opcode-tool", question=None, why=why)


def _in_step(decision: Decision, readers_staying: list[Decision], asking: list[Decision]) -> Decision:
    writes = decision.site.operation not in READS
    if writes and readers_staying:
        other = readers_staying[0]
        return evolve(
            decision,
            safety=Safety.MANUAL,
            reason="channel-not-rewritten",
            question=None,
            why=f"line {other.site.span.line} reads the same data and stays with pickle ({other.reason})",
        )
    if decision.safety is Safety.SAFE and asking:
        other = asking[0]
        return evolve(
            decision,
            safety=Safety.REVIEW,
            reason=other.reason,
            question=f"Moves together with line {other.site.span.line}: {other.question}",
        )
    return decision


def _follow(decision: Decision, decisions: list[Decision]) -> Decision:
    """Let a handler or a constant follow the calls of its file.

    The errors of the converters module are subclasses of pickle's, so a handler that stays is right in every
    case; one that moves would miss what a call left on pickle raises.
    """
    staying = [d for d in decisions if d.site.operation in _DATA and not d.apply]
    if not staying or decision.safety is Safety.MANUAL:
        return decision
    first = staying[0]
    matching = "; pickle's exceptions still match" if decision.site.operation is Operation.ERROR else ""
    safety = Safety.REVIEW if first.safety is Safety.REVIEW else Safety.MANUAL
    return evolve(
        decision,
        safety=safety,
        reason="channel-not-rewritten",
        question=f"Moves together with line {first.site.span.line}." if safety is Safety.REVIEW else None,
        why=f"line {first.site.span.line} stays with pickle for now{matching}",
        apply=False,
    )
