"""Bytes that somebody asks by are never turned into others unasked, whatever is known of the value."""

from __future__ import annotations

import textwrap

import pytest

from migrate.model import Safety
from tests.plan.support import at, plan_of

DUMPS = "pickle.dumps((1, 2))"

ASKED_BY = {
    "a member of a set in Redis": "r.sadd('k', pickle.dumps((1, 2)))",
    "whether it is a member": "r.sismember('k', pickle.dumps((1, 2)))",
    "the name of a field": "r.hset('k', pickle.dumps((1, 2)), b'1')",
    "a field that is looked up, by way of a variable": "field = pickle.dumps((1, 2))\n    r.hget('k', field)",
    "a key": "r.set(pickle.dumps((1, 2)), b'1')",
    "a score": "r.zscore('z', pickle.dumps((1, 2)))",
    "an item to be removed": "r.lrem('l', 1, pickle.dumps((1, 2)))",
    "a key of a dict": "cache.get(pickle.dumps((1, 2)))",
    "a key of a dict that is made": "cache.setdefault(pickle.dumps((1, 2)), 1)",
    "a key in base64": "cache.get(base64.b64encode(pickle.dumps((1, 2))))",
    "a part of a key": "cache.get(('a', pickle.dumps((1, 2))))",
    "a set": "seen = {pickle.dumps((1, 2)), b''}",
    "a set of several": "seen = set(pickle.dumps((1, 2)) for _ in r)",
    "a set by a comprehension": "seen = {pickle.dumps((1, 2)) for _ in r}",
    "keys by a comprehension": "seen = {pickle.dumps((1, 2)): x for x in r}",
    "a keyword of hmac": "hmac.new(b'k', msg=pickle.dumps((1, 2)), digestmod='sha256')",
    "hashed when joined": "p = []\n    p.append(pickle.dumps((1, 2)))\n    hashlib.sha1(b''.join(p))",
    "hashed by a function of the file": "digest(pickle.dumps((1, 2)))",
    "an attribute that is compared": "r.before = pickle.dumps((1, 2))\n    return r.before == r.after",
    "a variable of several values": "b = b''\n    b = pickle.dumps((1, 2))\n    return b in r",
}
NOT_SEEN = {
    "given to a function of another file": "elsewhere(pickle.dumps((1, 2)))",
    "given to a method that is not known": "r.add(pickle.dumps((1, 2)))",
    "returned by a public function": "return pickle.dumps((1, 2))",
    "a condition of SQL": "r.execute('SELECT 1 FROM t WHERE k = ?', (pickle.dumps((1, 2)),))",
    "stored by SQL, and never loaded here": "r.execute('INSERT INTO t VALUES (?)', (pickle.dumps((1, 2)),))",
    "a number": "return int.from_bytes(pickle.dumps((1, 2)), 'big') % 16",
    "hashed, and written": "b = pickle.dumps((1, 2))\n    r.write(hashlib.sha1(b).digest() + b)",
    "compared, and stored": "b = pickle.dumps((1, 2))\n    if r['k'] != b:\n        r['k'] = b",
}
KEPT = {
    "written": "r.write(pickle.dumps((1, 2)))",
    "a value in Redis": "r.set('k', pickle.dumps((1, 2)))",
    "a value that expires": "r.setex('k', 60, pickle.dumps((1, 2)))",
    "the value of a field": "r.hset('k', 'f', pickle.dumps((1, 2)))",
    "a value of a dict": "r['k'] = pickle.dumps((1, 2))",
    "a field of a row": "r.row = Row(data=pickle.dumps((1, 2)))",
    "an attribute": "r.data = pickle.dumps((1, 2))",
    "in another form": "r.write(base64.b64encode(zlib.compress(pickle.dumps((1, 2)))))",
    "by way of a private function": "_put(r, pickle.dumps((1, 2)))",
}


def decided(body: str):
    source = f"""\
import base64, hashlib, hmac, pickle, zlib
from other import elsewhere, Row
cache = {{}}
def digest(data):
    return hashlib.md5(data).hexdigest()
def _put(store, data):
    store['k'] = data
def work(r):
    {body}
"""
    return at(plan_of({"a.py": source}), DUMPS)


@pytest.mark.parametrize("body", ASKED_BY.values(), ids=ASKED_BY)
def test_an_identity_stays_a_pickle(body):
    found = decided(body)
    assert (found.safety, found.reason) == (Safety.MANUAL, "hash-of-bytes")


@pytest.mark.parametrize("body", NOT_SEEN.values(), ids=NOT_SEEN)
def test_what_may_be_one_is_asked_about(body):
    found = decided(body)
    assert (found.safety, found.reason, found.apply) == (Safety.REVIEW, "hash-of-bytes", False)
    assert "looked up, compared, hashed or signed" in found.question


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_what_is_only_kept_moves(body):
    assert decided(body).safety is Safety.SAFE


@pytest.mark.parametrize(
    "text",
    [
        "import io, pickle, hashlib\ndef key():\n    f = io.BytesIO()\n    pickle.dump([1], f)\n"
        "    return hashlib.sha1(f.getvalue()).hexdigest()\n",
        "import pickle, hashlib\nclass Hashing:\n    def write(self, data):\n"
        "        hashlib.sha1().update(data)\n"
        "def key():\n    f = Hashing()\n    pickle.dump([1], f)\n",
    ],
    ids=["in memory", "by a file of its own"],
)
def test_what_is_dumped_to_a_file_in_memory_may_be_hashed(text):
    found = at(plan_of({"a.py": text}), "pickle.dump(")
    assert (found.safety, found.reason) == (Safety.MANUAL, "hash-of-bytes")


def test_a_list_in_which_items_are_searched_for_by_their_bytes_asks():
    source = """
        import pickle
        def put(r):
            r.rpush('l', pickle.dumps([1]))
        def remove(r):
            r.lrem('l', 1, pickle.dumps([2]))
        def last(r):
            return pickle.loads(r.rpop('l'))
    """
    assert at(plan_of({"a.py": source}), "pickle.dumps([1])").safety is Safety.REVIEW
    kept = textwrap.dedent(source).replace("r.lrem('l', 1, pickle.dumps([2]))", "r.ltrim('l', 0, 1)")
    assert at(plan_of({"a.py": kept}), "pickle.dumps([1])").safety is Safety.SAFE


def test_an_open_site_also_asks_about_bytes_that_are_kept_and_compared():
    source = """
        import pickle
        def put(r, x):
            data = pickle.dumps(x)
            if data != r['k']:
                r['k'] = data
    """
    found = at(plan_of({"a.py": source}), "pickle.dumps(x)")
    assert found.reason == "unknown-classes"
    assert "looked up, compared, hashed or signed" in found.question


def test_an_open_site_also_asks_about_bytes_that_leave_the_file():
    """One function packs keys and values: who says that the classes are known has not said that."""
    source = """
        import pickle
        class Collection:
            def _pack(self, value):
                return pickle.dumps(value)
    """
    found = at(plan_of({"a.py": source}), "pickle.dumps(value)")
    assert found.reason == "unknown-classes"
    assert "returned by `_pack`" in found.question


def test_fields_of_a_hash_across_files_stay_what_they_are():
    """As redis-collections does: one function packs members, keys and values."""
    base = """
        import pickle
        class Collection:
            def _pack(self, value: int):
                return pickle.dumps(value)
            def _unpack(self, data) -> int:
                return pickle.loads(data)
    """
    users = """
        from base import Collection
        class Set(Collection):
            def __contains__(self, value):
                return self.redis.sismember(self.key, self._pack(value))
        class List(Collection):
            def append(self, value):
                self.redis.rpush(self.key, self._pack(value))
    """
    run = "from users import Set\nSet().__contains__(1)\n"
    found = at(plan_of({"base.py": base, "users.py": users, "run.py": run}), "pickle.dumps")
    assert found.safety is not Safety.SAFE


def test_a_question_about_bytes_holds_nobody_up():
    """Whoever moves reads pickles as well, so nothing depends on the answer but the site itself."""
    source = """
        import pickle
        def blob():
            return pickle.dumps((1, 2))
        def save(f):
            pickle.dump([1], f)
    """
    plan = plan_of({"a.py": source})
    assert at(plan, DUMPS).safety is Safety.REVIEW
    assert at(plan, "pickle.dump(").apply
