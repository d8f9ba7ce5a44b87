"""Work for the night, kept in a table until it is done."""

import sqlite3
from pickle import dumps, loads

DONE, WAITING = 1, 0


class Job:
    kind = "job"

    def __init__(self, **options):
        self.options = options
        self.attempts = 0

    def run(self, context):
        raise NotImplementedError


class ReminderJob(Job):
    kind = "reminder"

    def __init__(self, order, days=14):
        super().__init__(days=days)
        self.order = order

    def run(self, context):
        context.append("remind customer of order %d" % self.order)


class RestockJob(Job):
    kind = "restock"

    def __init__(self, skus):
        super().__init__()
        self.skus = set(skus)

    def run(self, context):
        if not self.skus:
            raise ValueError("nothing to restock")
        context.extend("restock %s" % sku for sku in sorted(self.skus))


class Queue:
    def __init__(self, database=":memory:"):
        self.db = sqlite3.connect(database)
        self.db.execute("CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, state INTEGER, body BLOB)")

    def push(self, job):
        with self.db:
            return self.db.execute("INSERT INTO job (state, body) VALUES (?, ?)", (WAITING, dumps(job))).lastrowid

    def waiting(self):
        rows = self.db.execute("SELECT body FROM job WHERE state = ? ORDER BY id", (WAITING,))
        return [loads(body) for (body,) in rows]

    def run(self, context):
        """Run what is waiting. A job that fails stays, with its attempts counted."""
        for id_, body in self.db.execute("SELECT id, body FROM job WHERE state = ?", (WAITING,)).fetchall():
            job = loads(body)
            try:
                job.run(context)
            except ValueError:
                job.attempts += 1
                row = (WAITING, dumps(job), id_)
            else:
                row = (DONE, body, id_)
            with self.db:
                self.db.execute("UPDATE job SET state = ?, body = ? WHERE id = ?", row)

    def close(self):
        self.db.close()
