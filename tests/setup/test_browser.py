"""The browser fixtures: they see what people see, and they can fail."""

import pytest

from tests.support.browser import axe

pytestmark = pytest.mark.browser


def test_a_clean_page_passes_on_each_width(page, phone):
    for one in (page, phone):
        one.set_content("<html lang='en'><title>Post</title><main><h1>Post</h1><p>Nothing waits.</p></main></html>")
        axe(one)


def test_axe_fails_on_a_violation(page):
    page.set_content("<html lang='en'><title>Post</title><main><h1>Post</h1><img src='data:,'></main></html>")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)


def test_axe_fails_on_a_page_that_scrolls_sideways(phone):
    phone.set_content(
        "<html lang='en'><title>Post</title><main><h1>Post</h1><p style='width:2000px'>Wide</p></main></html>"
    )
    with pytest.raises(AssertionError, match="sideways"):
        axe(phone)


@pytest.mark.django_db(transaction=True)
def test_a_page_is_served_with_its_styles(page, live_server):
    page.goto(f"{live_server.url}/demo/")
    assert page.evaluate("document.styleSheets.length") > 0
    axe(page)


def test_outside_is_out_of_reach(page):
    with pytest.raises(Exception, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://example.com/")
