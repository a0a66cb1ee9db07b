"""What a reader of a web page sees is read, after a click too; what no reader sees is recorded."""

import pytest
from rag_service.adapters.parsing import html, markdown
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed


def parsed(page: str) -> Parsed:
    return html.read(page.encode(), Limits()).parsed()


def text(page: str) -> str:
    return "\n\n".join(each.text for each in parsed(page).sections)


@pytest.mark.parametrize(
    "page",
    [
        "<style>.p{display:none}</style><a href=# class=toggle aria-expanded=false>More</a><div class=p>SEEN</div>",
        "<style>.p{display:none} .p.open{display:block}</style><div class=p>SEEN</div>",
        "<style>.p{visibility:hidden} #t:checked ~ .p{visibility:visible}</style><div class=p>SEEN</div>",
        "<style>.p{display:none}@media (min-width:60em){.p{display:flex}}</style><div class=p>SEEN</div>",
        "<style>@media (max-width:60em){.p{display:none}}</style><div class=p>SEEN</div>",
        "<style>.pane{display:none}</style><div class=pane>SEEN</div><script>$('.pane').slideToggle()</script>",
        "<style>.p{display:none}</style><h3>How wide is the Furka tunnel?</h3><div class=p>SEEN</div>",
        "<input type=checkbox id=a><label for=a>Opening hours</label><div style='display:none'>SEEN</div>",
        "<button data-bs-target='#k'>Open</button><p>x</p><div id=k hidden>SEEN</div>",
        "<div role=tabpanel hidden>SEEN</div>",
        "<p hidden=until-found>SEEN</p>",
        "<style>.bar{background:#036}</style><div class='a bar'><p style='color:#fff'>SEEN</p></div>",
        "<style>footer{background-color:var(--dark)}</style><footer><font color=white>SEEN</font></footer>",
        "<style>.page .head{background:url(x.png)}</style><div class=head><b style='color:white'>SEEN</b></div>",
    ],
)
def test_what_a_click_a_wide_screen_or_a_background_shows_is_read(page: str) -> None:
    assert "SEEN" in text(f"<p>a</p>{page}")


@pytest.mark.parametrize(
    "page",
    [
        "<style>.p{display:none}</style><p>Plain words.</p><div class=p>UNSEEN</div>",
        "<style>.p{display:block}.p{display:none}</style><div class=p>UNSEEN</div>",
        "<style>.p{display:none}.q{display:block}</style><div class=p>UNSEEN</div>",
        "<style>.p{visibility:hidden}.a .p{display:block}</style><div class=p>UNSEEN</div>",
        "<style>.bar{background:#fff}</style><div class=bar><p style='color:#fff'>UNSEEN</p></div>",
        "<div hidden>UNSEEN</div>",
        "<p style='font-size:0'>UNSEEN</p>",
    ],
)
def test_what_no_reader_sees_is_left_out_and_counted(page: str) -> None:
    found = parsed(f"<p>a</p>{page}")
    assert "UNSEEN" not in "".join(each.text for each in found.sections)
    assert [(each.code, each.count) for each in found.left_out] == [("hidden_text", 1)]


@pytest.mark.parametrize(
    "page",
    [
        "<details><summary>Who are you?</summary><p>SEEN</p></details>{}",
        "<details><summary>Wer hilft?</summary><p>SEEN</p>{}</details>",
        "<details><summary class=a>Who are you?</summary></details>{}<p>SEEN",
        "<div class=item><button>Qui paie ?</button><div class=panel hidden>SEEN</div></div>{}",
        "<button aria-expanded=false aria-controls=k>Hours</button>{}<div id=k hidden>SEEN</div>",
        "<h3><a data-target='#k'>Hours</a></h3>{}<div id=k style='display:none'>SEEN</div>",
        "<div class=tabs><a role=tab>One</a><a role=tab>Two</a></div><div role=tabpanel hidden>SEEN</div>{}",
        "<button>Who pays?</button><div class=panel hidden>SEEN</div>{}",
        "<p>Any questions?</p>{}<p>SEEN",
        ("<div class=accordion><div class=accordion-item><h2 class=accordion-header><button class=accordion-button "
         "data-bs-toggle=collapse data-bs-target='#c1'>Where?</button></h2><div id=c1 class='accordion-collapse "
         "collapse'><div class=accordion-body>SEEN</div></div></div></div>{}"),
        ("<div id=s style='display:none'>SEEN</div><script>document.getElementById('s').style.display='none';"
         "x.classList.toggle('hidden');y.className='promo'</script>{}"),
        "<a onclick=\"show('more')\">More</a><p>x</p><div id=more hidden>SEEN</div>{}",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "secret",
    [
        "<div style='display:none'>UNSEEN</div>",
        "<div class='promo hidden' hidden>UNSEEN</div>",
        "<section id=voucher style='visibility: hidden'><p>UNSEEN</p></section>",
    ],
)
def test_one_accordion_shows_its_own_panel_alone(page: str, secret: str) -> None:
    found = parsed(f"<p>a</p>{page.format(secret)}")
    read = "\n".join(each.text for each in found.sections)
    assert (read.replace("UNSEEN", "").count("SEEN"), "UNSEEN" in read) == (1, False)
    assert [(each.code, each.count) for each in found.left_out] == [("hidden_text", 1)]


@pytest.mark.parametrize(
    "banner",
    [
        "<div class=cookie-banner><p>This site uses cookies.</p><button>Accept</button></div>",
        "<section id=x><h2>Datenschutz</h2><p>Wir setzen Cookies ein.</p><a href=#>Alle akzeptieren</a></section>",
        "<div><p>Nous utilisons des cookies.</p><button>Tout refuser</button></div>",
        "<aside id=gdpr-consent>Używamy plików cookie. <button>Akceptuję</button></aside>",
    ],
)
def test_a_banner_about_cookies_is_no_text_of_the_page(banner: str) -> None:
    found = parsed(f"{banner}<main><h1>Cookie rules of the Bernina bakery</h1><p>A cookie has 40 g.</p></main>")
    assert [each.text for each in found.sections] == ["A cookie has 40 g."]
    assert [each.code for each in found.left_out] == ["cookie_banner"]


def test_a_page_about_cookies_is_read() -> None:
    page = "<div class=cookie-policy><h1>Cookies</h1><p>They are stored for 30 days.</p></div>"
    assert "30 days" in text(page)


def test_lists_have_the_numbers_that_a_browser_shows() -> None:
    page = """<ol start=4><li>four<li>five<ol type=a><li>x<li value=5>y</ol></ol><ol type=I reversed><li>three<li>two
    <li>one</ol><ol style="list-style-type: lower-roman"><li><p>loose</p></li></ol><ul><li><p>dot</p></li></ul>"""
    lines = ["4. four", "5. five", "a. x", "e. y", "III. three", "II. two", "I. one", "i. loose", "- dot"]
    assert text(page) == "\n\n".join(lines)


def test_markdown_lists_keep_their_numbers() -> None:
    found = markdown.read(b"3. three\n4. four\n\n   more\n\n- dot\n", Limits()).parsed()
    assert found.sections[0].text == "3. three\n\n4. four\n\nmore\n\n- dot"


def test_raised_digits_are_no_part_of_a_figure() -> None:
    page = "<p>It costs 320<sup>1</sup> EUR for 12 m<sup>2</sup> and 10<sup>3</sup> km, by the 1<sup>st</sup>.</p>"
    assert text(page) == "It costs 320 ¹ EUR for 12 m² and 10³ km, by the 1st."


def test_pictures_are_counted() -> None:
    found = parsed("<p>a</p><img src=plan.png><img src=dot.gif width=1 height=1>")
    assert [(each.code, each.count) for each in found.left_out] == [("pictures", 1)]


def test_thousands_of_buttons_take_no_time() -> None:
    page = "<button>Is it on?</button><div><p style='display:none'>x</p></div>" * 2_000
    assert parsed(page).sections
    assert parsed("<div class=accordion>" * 500 + "Is it on?" + "</div><div hidden>x</div>" * 500).sections
