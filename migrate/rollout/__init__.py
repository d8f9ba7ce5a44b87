"""Moves stores from stage to stage: what the code says, what programs counted, and whether that is enough.

Pure but for `read_counts`, which reads the directories that the file sinks of the runtime write, and for
`look_at`, which counts what is stored.

Import from the modules: ``retire`` brings LibCST with it and ``counts`` the codec, and `guard`
needs neither.
"""
