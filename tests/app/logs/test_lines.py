"""A line of the log is JSON, and nothing that was put into a sentence stands in it."""

import json
import logging

import pytest

from app.logs.lines import JsonLines, make_formatter, request_fields
from geo.errors import UsageError

NAME = "王敏"


def line(name, text, *values, error=None, **extra):
    record = logging.getLogger(name).makeRecord(
        name, logging.WARNING, "/home/wangmin/app/desks/x.py", 7, text, values, error, extra=extra
    )
    return JsonLines().format(record)


def caught(path):
    try:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise UsageError(f"“{NAME}”没有。", f"'{path}' is not there.") from error
    except UsageError as error:
        return type(error), error, error.__traceback__


def test_values_names_and_folders_are_left_out_the_event_and_known_fields_stay():
    text = line("app.x", "reading %s failed at %.4f", NAME, 109.8403, status=500, route="/story", author=NAME, ms=NAME)
    told = json.loads(text)
    assert "\n" not in text
    assert (told["event"], told["level"], told["line"]) == ("reading %s failed at %.4f", "WARNING", "x.py:7")
    assert (told["status"], told["route"]) == (500, "/story")
    assert told["time"].endswith("+00:00")
    assert not {"author", "ms"} & set(told)
    assert not any(word in text for word in (NAME, "109.84", "wangmin"))


def test_libraries_put_values_into_their_text_themselves_so_it_is_left_out():
    told = json.loads(line("waitress", f"Exception while serving /units/{NAME}"))
    assert (told["event"], told["logger"]) == ("library", "waitress")
    assert NAME not in json.dumps(told, ensure_ascii=False)


def test_an_error_is_told_by_its_type_and_trace_and_what_it_came_from():
    told = json.loads(line("app.x", "request failed", error=caught("/data/小区名单.xlsx")))
    assert told["exception"] == "geo.errors.UsageError"
    assert "KeyError" in told["trace"]
    assert any(part.endswith("caught") and "logs/test_lines.py:" in part for part in told["trace"])
    assert not any(word in json.dumps(told, ensure_ascii=False) for word in (NAME, "小区名单"))


def test_lines_of_a_request_carry_its_id():
    before = request_fields.set({"request_id": "abc", "route": "/story"})
    assert json.loads(line("geo.readers.table", "%s: %d rows", "x.xlsx", 3))["request_id"] == "abc"
    request_fields.reset(before)
    assert "request_id" not in json.loads(line("geo.readers.table", "%s: %d rows", "x.xlsx", 3))


@pytest.mark.parametrize("form", ["json", "text"])
def test_people_read_the_whole_sentence_programs_do_not(form):
    record = logging.LogRecord("app.x", logging.INFO, "", 0, "%s came", (NAME,), None)
    record.status = 200
    text = make_formatter(form).format(record)
    assert (f"{NAME} came status=200" in text) == (form == "text")
