"""The example of docs/reasons/persistent-id.md, run as it stands there."""

from __future__ import annotations

import importlib
import pickle
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from migrate.runtime import Codec, ConverterError

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reasons" / "persistent-id.md"
BEFORE, CONVERTERS, AFTER, LOOKED_UP, CONVERT = re.findall(
    r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), flags=re.M | re.S
)
BOT = """
class Bot:
    def __init__(self, token):
        self.token = token


class Chat:
    def __init__(self, bot, members):
        self.bot = bot
        self.members = members
"""


@pytest.fixture
def chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """The program of the page: its classes, and its storage before and after."""
    (tmp_path / "chat").mkdir()
    for name, text in {
        "__init__": "",
        "bot": BOT,
        "converters": CONVERTERS,
        "old": f"import pickle\n{BEFORE}",
        "store": f"{AFTER}\nfrom chat.old import StateUnpickler\n{CONVERT}",
    }.items():
        (tmp_path / "chat" / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield SimpleNamespace(
        **{name: importlib.import_module(f"chat.{name}") for name in ("bot", "converters", "old", "store")}
    )
    for name in [name for name in sys.modules if name.partition(".")[0] == "chat"]:
        del sys.modules[name]


def state_of(chat: Any, bot: object) -> dict[str, Any]:
    return {"chats": [chat.bot.Chat(bot, ["ada", "bob"])], "bot": bot}


def test_the_bot_is_written_as_its_id_and_found_again(chat: Any, tmp_path: Path):
    bot = chat.bot.Bot("secret")
    chat.store.save(state_of(chat, bot), bot, tmp_path / "state")
    text = (tmp_path / "state").read_text()
    assert text.count('{"$type":"Bot","$value":"the bot"') == 1
    assert "secret" not in text
    loaded = chat.store.load(bot, tmp_path / "state")
    assert loaded["bot"] is loaded["chats"][0].bot is bot
    assert loaded["chats"][0].members == ["ada", "bob"]


def test_another_bot_is_refused_and_nothing_is_written(chat: Any, tmp_path: Path):
    (tmp_path / "state").write_bytes(b"as it was")
    with (tmp_path / "state").open("rb+") as file, pytest.raises(ConverterError, match="another bot"):
        chat.converters.current_bot.set(chat.bot.Bot("a"))
        chat.converters.dump(state_of(chat, chat.bot.Bot("b")), file)
    assert (tmp_path / "state").read_bytes() == b"as it was"


def test_an_old_file_is_refused_by_its_code_and_converted_by_the_old_class(chat: Any, tmp_path: Path):
    bot = chat.bot.Bot("secret")
    chat.old.save(state_of(chat, bot), bot, tmp_path / "state")
    with pytest.raises(pickle.UnpicklingError) as refused:
        chat.store.load(bot, tmp_path / "state")
    assert refused.value.reason == "persistent-id"
    chat.store.convert(bot, tmp_path / "state")
    assert chat.store.load(bot, tmp_path / "state")["bot"] is bot


def test_one_of_several_objects_is_looked_up():
    connections = {"orders": SimpleNamespace(name="orders"), "users": SimpleNamespace(name="users")}
    codec = Codec("shop", stage="json")
    example = LOOKED_UP.replace("shop.db:Connection", "types:SimpleNamespace")
    exec(example, {"codec": codec, "connections": connections})
    written = codec.dumps([connections["users"], connections["orders"]])
    assert b'"$value":"users"' in written
    assert codec.loads(written) == [connections["users"], connections["orders"]]
