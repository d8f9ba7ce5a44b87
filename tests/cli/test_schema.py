"""``pickle-migrate schema`` as a user calls it."""

import json
import subprocess
import sys

import jsonschema
import pytest

from tests.reencode.support import write_program


def schema(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "migrate", "schema", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
    )


@pytest.fixture
def program(tmp_path):
    write_program(tmp_path)
    return tmp_path


@pytest.mark.parametrize("target", ["shop.converters", "shop/converters.py"])
def test_prints_a_schema_that_takes_what_the_program_writes(program, target):
    done = schema(target, cwd=program)
    assert (done.returncode, done.stderr) == (0, "")
    validator = jsonschema.Draft202012Validator(json.loads(done.stdout))
    code = "from shop.converters import codec; from shop.models import *; import sys\n"
    code += "sys.stdout.buffer.write(codec.dumps([Order(1, [Line('a', 2)], note=(1, b'x'))]))"
    record = subprocess.run([sys.executable, "-c", code], cwd=program, capture_output=True, check=True).stdout
    validator.validate(json.loads(record))
    assert not validator.is_valid([{"$type": "Nobody"}])


def test_strict(program):
    validator = jsonschema.Draft202012Validator(
        json.loads(schema("shop.converters", "--strict", cwd=program).stdout)
    )
    assert validator.is_valid({"$type": "Order", "number": 1, "lines": []})
    assert not validator.is_valid({"$type": "Order", "number": "one", "lines": []})


def test_a_class_that_is_gone_is_named(program):
    with (program / "shop" / "converters.py").open("a") as file:
        file.write('codec.register("shop.models:Gone")\n')
    done = schema("shop.converters", cwd=program)
    assert done.returncode == 1
    assert "Gone-tagged" in json.loads(done.stdout)["$defs"]
    assert "shop.models:Gone is registered but cannot be imported" in done.stderr


@pytest.mark.parametrize(
    ("target", "message"),
    [("no.such", "cannot be imported"), ("shop.models", "no `codec`"), ("nowhere.py", "not a file")],
)
def test_what_is_no_converters_module(program, target, message):
    done = schema(target, cwd=program)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
