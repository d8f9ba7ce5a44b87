"""The fixed set of reason codes: why a site is not rewritten, why a value is refused, what to do.

One code, one page: ``docs/reasons/CODE.md``. A code may be added; none is renamed, because plans and telemetry keep them.
"""

from __future__ import annotations

from attrs import frozen


@frozen
class Reason:
    """A reason code with its one-line meaning and advice."""

    code: str
    summary: str
    advice: str


REASONS: dict[str, Reason] = {
    r.code: r
    for r in (
        # --- sites -------------------------------------------------------------------------------------------
        Reason(
            "deepcopy-idiom",
            "loads(dumps(x)) copies an object; nothing is stored.",
            "Use copy.deepcopy(x); rewrite --deepcopy does it.",
        ),
        Reason(
            "pickling-test",
            "A test of pickling itself.",
            "Keep it while the class must stay picklable; delete it afterwards.",
        ),
        Reason(
            "hash-of-bytes",
            "The pickle's bytes are hashed or used as a key; other bytes change the identity.",
            "Hash a canonical form instead, and plan for the keys to change.",
        ),
        Reason(
            "ipc",
            "The bytes go to another process that lives as long as this one; nothing is stored.",
            "Leave it, or move both ends at once.",
        ),
        Reason(
            "subclass-of-pickler",
            "A class derives from Pickler or Unpickler.",
            "Delete it if it changes no data; else move what it overrides into a converter, then rewrite its users.",
        ),
        Reason(
            "persistent-id",
            "persistent_id/persistent_load keep some objects outside the pickle.",
            "Register a converter for those objects that writes their id.",
        ),
        Reason(
            "dynamic-arguments",
            "The arguments arrive as *args or **kwargs, so what they are is not visible.",
            "Write the arguments out, or rewrite the call by hand.",
        ),
        Reason(
            "dynamic-module",
            "Which module is used is decided at run time.",
            "Name the module, or rewrite by hand.",
        ),
        Reason("star-import", "Names arrive by `from … import *`.", "Import the names that are used."),
        Reason(
            "re-export",
            "Another file, or users of the library, take pickle's names from here.",
            "Rewrite the users first; then remove the import.",
        ),
        Reason("pickle-relative", "Another library pickles underneath.", "See the page for the library."),
        Reason(
            "shelf",
            "A use of shelve that is more than opening a shelf: a subclass, a class of it by name.",
            "Use the shelves of the converters module, open_shelf and shelf.",
        ),
        Reason(
            "code-pickler",
            "dill or cloudpickle can store code: functions, classes, modules.",
            "For plain data use the converters; store functions by name.",
        ),
        Reason(
            "model-file",
            "A model or a large object is saved by joblib or torch.",
            "Use a format without code: safetensors, skops, ONNX, numpy.save.",
        ),
        Reason(
            "frame-file",
            "pandas reads or writes a frame as a pickle.",
            "Use to_parquet/read_parquet, Feather, or CSV for small frames.",
        ),
        Reason(
            "object-array",
            "numpy is told to pickle an array of objects.",
            "Give the array a plain dtype and pass allow_pickle=False.",
        ),
        Reason(
            "notebook",
            "The code is in a notebook, whose cells may run in any order.",
            "Run it from the top; move classes that are stored, and code that stores, to a module.",
        ),
        Reason(
            "marshalled",
            "marshal is bound to one version of Python and is not safe with untrusted data.",
            "Use the converters, or JSON, for data; leave it for compiled code.",
        ),
        Reason(
            "reducer-registration",
            "copyreg tells pickle how to store a class; nothing is stored here.",
            "Give the class hooks in the converters module, then remove the registration.",
        ),
        Reason(
            "configured-serializer",
            "A library is configured to use pickle, or does so unless told otherwise.",
            "Choose its JSON serializer, or one built on the converters.",
        ),
        Reason(
            "pickling-cache",
            "A cache of another library pickles what is put into it.",
            "Give it a serializer of JSON or of the converters, and begin with an empty cache.",
        ),
        Reason(
            "jsonpickle",
            "jsonpickle writes names of classes into JSON, and imports and calls what the JSON names.",
            "Use the converters; read the old files with jsonpickle once more and write them anew.",
        ),
        Reason(
            "opcode-tool",
            "pickletools and the like look at pickles as bytes.",
            "Leave it; it does not load anything.",
        ),
        Reason(
            "bytes-not-kept",
            "The pickle is measured, looked at or dropped; nothing is stored.",
            "Leave it while a pickle is meant; ask the converters where the stored form is.",
        ),
        Reason(
            "reads-legacy",
            "The code reads pickles that other programs write.",
            "Leave it to the dual read, or keep the reader.",
        ),
        Reason(
            "unsupported-name",
            "A part of pickle's interface that has no counterpart here.",
            "Rewrite by hand.",
        ),
        Reason(
            "unknown-classes",
            "Which classes flow here is not known to be a closed set.",
            "Point --data at stored files, annotate the value, or register the classes; then accept the edit.",
        ),
        Reason(
            "third-party-object",
            "The object belongs to another library.",
            "Store what defines it, or use that library's own format.",
        ),
        Reason(
            "channel-not-rewritten",
            "A site that exchanges the same data is not rewritten, so this one must wait.",
            "Settle the other site first.",
        ),
        Reason(
            "shared-memo",
            "One Pickler writes several values and keeps references between them.",
            "Write the values as one, if they share objects.",
        ),
        Reason(
            "program-text",
            "A string beside it holds program text that reads pickles.",
            "Change the text by hand, then this call.",
        ),
        Reason(
            "rejected",
            "A reviewer rejected this edit in the decisions file.",
            "Read the comment in the decisions file; change the decision there when its cause is settled.",
        ),
        Reason(
            "not-selected",
            "The options of this run leave this site for later.",
            "Run again without --site, --reason, --class or --only, or name this site as well.",
        ),
        Reason("kept", "Suppressed in the source.", "Remove the comment to have it rewritten."),
        Reason(
            "pickle-site",
            "The program uses pickle here.",
            "Use a converters module, or keep the site by a comment that gives a reason.",
        ),
        Reason(
            "unused-suppression",
            "A comment of pickle-migrate suppresses nothing.",
            "Remove the comment, or move it to the line of the site.",
        ),
        Reason(
            "suppression-without-reason",
            "A suppression does not say why.",
            "Give the reason in brackets after the word: keep[reason].",
        ),
        Reason("does-not-parse", "The file is not valid Python 3.", "Port or repair the file first."),
        Reason(
            "python2-source",
            "The file is written in Python 2.",
            "Port the file first (2to3, python-modernize).",
        ),
        Reason(
            "not-utf8",
            "The file's bytes do not match its declared encoding.",
            "Declare the encoding (PEP 263) or convert the file.",
        ),
        Reason("unreadable", "The file could not be read.", "Check its permissions."),
        Reason("read-only", "The file could not be written.", "Make it writable and run again."),
        Reason(
            "changed-since",
            "The file is not as it was when the change was prepared or made.",
            "Look at what changed it; then run again.",
        ),
        Reason(
            "nothing-to-undo",
            "No run of this tool is on record in the tree.",
            "Name the folder that was given to the rewrite.",
        ),
        Reason(
            "edit-failed",
            "The edited file did not pass its checks, so it was left alone.",
            "Please report it with the file.",
        ),
        # --- values and data ---------------------------------------------------------------------------------
        Reason(
            "unregistered-class",
            "A class that no converter is registered for.",
            "Add codec.register(…) for it to the converters module.",
        ),
        Reason(
            "function-or-lambda",
            "Functions, methods and lambdas have no data to store.",
            "Store a name and look the function up.",
        ),
        Reason(
            "class-object",
            "A class itself, not an instance, that the registry does not know.",
            "Register the class.",
        ),
        Reason(
            "unsupported-type",
            "A type that holds a resource or has no exact form (file, lock, generator …).",
            "Leave it out of the state (__getstate__).",
        ),
        Reason(
            "not-restorable",
            "The value would not come back equal.",
            "See the path in the message; give the class its own hooks.",
        ),
        Reason(
            "changed-while-encoding", "The value changed while it was written.", "Lock it or copy it first."
        ),
        Reason(
            "too-deep",
            "The value is nested deeper than the limit.",
            "Raise the limit or flatten the structure.",
        ),
        Reason(
            "limit",
            "The input goes past a limit of the reader.",
            "Raise the named limit if you trust the size of the data.",
        ),
        Reason(
            "malformed",
            "The bytes are neither a whole pickle nor a whole JSON record.",
            "Restore the file from a backup.",
        ),
        Reason("truncated", "The data end in the middle of a record.", "Restore the file from a backup."),
        Reason(
            "unknown-tag",
            "The JSON record has a tag that this registry does not know.",
            "Register the class under that tag.",
        ),
        Reason(
            "unknown-global",
            "The pickle names a class or function that no converter is registered for.",
            "Register it, or add an alias if it was renamed.",
        ),
        Reason(
            "unsafe-global",
            "The pickle calls a function; reading it with pickle would run that.",
            "Treat the file as hostile until its origin is known.",
        ),
        Reason(
            "unsupported-opcode",
            "An opcode that the reader refuses (extension registry, out-of-band buffers).",
            "See the page.",
        ),
        Reason(
            "python2-bytes",
            "An 8-bit string of Python 2 that is not ASCII: text or bytes?",
            "Pass encoding=… to load, as you would to pickle.load.",
        ),
        Reason(
            "bad-value",
            "A standard-library value outside its range, e.g. month 13.",
            "Treat the file as damaged.",
        ),
        Reason(
            "type-mismatch",
            "The value is not of the type that the caller asked for.",
            "Check the type argument of load.",
        ),
        Reason(
            "pickle-refused",
            "A pickle arrived in the json-only stage.",
            "Re-encode it, or go back to the json stage.",
        ),
        Reason(
            "not-sealed",
            "A pickle without a seal arrived at a codec that reads sealed ones only.",
            "Find out where it comes from; seal it if you vouch for it.",
        ),
        Reason(
            "sealed-pickle",
            "A sealed pickle where data are needed: it stays a pickle.",
            "Read it with the program's codec; write it again when the value has a JSON form.",
        ),
        Reason(
            "stage-went-back",
            "A store begins in an earlier stage than it had reached.",
            "Was that meant? Then guard --update --allow-growth REASON; else stage next.",
        ),
        Reason(
            "unknown-field",
            "A field that its class does not declare, where those are refused.",
            "Declare it, add a rename, or keep unknown fields.",
        ),
        Reason(
            "not-authentic",
            "The data are not signed by a key of the codec, or were changed since.",
            "Find out where they come from; add the key, or say which unsigned data are accepted.",
        ),
        Reason(
            "missing-extra",
            "The data are in a format, or hold values, whose library is not installed.",
            "Install the extra that the message names.",
        ),
        Reason(
            "verify-failed",
            "The re-encoded value did not read back equal.",
            "The original is untouched; please report it.",
        ),
        Reason("not-a-pickle", "The file holds no pickle.", "Nothing to do."),
        Reason(
            "write-failed",
            "The new file could not be written.",
            "Check space and permissions; the original is untouched.",
        ),
        Reason(
            "worker-died",
            "The worker process of `--isolated` was ended.",
            "Treat the file as hostile, unless you know that it is that large.",
        ),
        Reason("not-converted", "The data are still a pickle.", "Run reencode without --verify-only."),
        Reason(
            "changed-meanwhile",
            "Another program wrote the place while it was being converted.",
            "Run again, at a quieter time.",
        ),
        Reason("symbolic-link", "A link to a file elsewhere.", "Name the file it points to."),
        Reason("backup-exists", "A backup with other bytes is in the way.", "Move it away and run again."),
    )
}

APART = frozenset({"bytes-not-kept", "deepcopy-idiom", "hash-of-bytes", "ipc", "pickling-test"})
"""Reasons of sites whose bytes never reach stored data: they hold nobody up, and no other load reads them."""
