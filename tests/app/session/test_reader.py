"""Who reads is told by cookies: language and name."""

from flask import Flask

from app.i18n import DEFAULT
from app.session.reader import AUTHOR_COOKIE, LANGUAGE_COOKIE, reader_author, reader_words


def test_outside_a_request_it_is_the_usual_language_and_nobody():
    assert reader_words().language == DEFAULT
    assert reader_author() == ""


def test_cookies_tell_language_and_name():
    cookies = f"{LANGUAGE_COOKIE}=en; {AUTHOR_COOKIE}=%E6%9D%8E%E5%B7%A5%20%20%E4%B8%80"
    with Flask(__name__).test_request_context(headers={"Cookie": cookies}):
        assert reader_words().language == "en"
        assert reader_author() == "李工 一"
