"""Web pages."""

from .case import REFUSED, SEEN, UNSEEN, Target, adversarial_file

PAGE = f"<p>{SEEN}</p>"


@adversarial_file("html", read=True, refused={"too_slow", "too_large"})
def boxes_a_hundred_thousand_deep(_: Target) -> bytes:
    return PAGE.encode() + b"<div>" * 100_000 + b"deep"


@adversarial_file("html", read=True, refused={"too_slow", "too_large", "broken"})
def bold_that_never_ends(_: Target) -> bytes:
    return PAGE.encode() + b"<b><i><a><u><p>" * 5_000 + b"</b></i>" * 5_000


@adversarial_file("html", read=True, refused={"too_slow", "too_large", "broken"})
def tables_in_tables_in_pages(_: Target) -> bytes:
    return PAGE.encode() + b"<table><tr><td>" * 5_000


@adversarial_file("html", read=True, refused={"too_slow", "too_large"})
def headings_in_headings(_: Target) -> bytes:
    return PAGE.encode() + b"<h1><div>" * 15_000 + b"deep"


@adversarial_file("html", read=True, refused={"too_slow"})
def tag_with_thirty_thousand_names(_: Target) -> bytes:
    return PAGE.encode() + b"<div " + b" ".join(b"a%d=1" % n for n in range(30_000)) + b">end</div>"


@adversarial_file("html", read=True)
def entity_from_a_file_in_a_page(target: Target) -> bytes:
    return f'<!DOCTYPE html [<!ENTITY e SYSTEM "file://{target.file}">]>{PAGE}<p>&e;</p>'.encode()


@adversarial_file("html", read=True)
def drawing_with_an_entity_from_a_file(target: Target) -> bytes:
    drawing = f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY e SYSTEM "file://{target.file}">]>'
    return f'{PAGE}{drawing}<svg><text>&e;{UNSEEN}</text><image href="{target.url}/i"/></svg>'.encode()


@adversarial_file("html", read=True)
def everything_that_loads_something(target: Target) -> bytes:
    url = target.url
    return (
        f'<base href="{url}/"><link rel=stylesheet href=a.css><meta http-equiv=refresh content="0;url={url}/r">'
        f'<script src=b.js></script><img src=c.png srcset="d.png 2x"><iframe src=e.html>{UNSEEN}</iframe>'
        f"<object data=f.swf>{UNSEEN}</object><style>@import url({url}/g.css)</style><video src=h.mp4>{UNSEEN}</video>"
        f"{PAGE}"
    ).encode()


@adversarial_file("html", read=True)
def text_that_the_style_hides(_: Target) -> bytes:
    ways = (
        "display:none", "visibility: hidden", "font-size:0", "font-size:0px", "opacity:0", "color:#fff",
        "color: white", "color:rgb(255, 255, 255)", "position:absolute;left:-9999px", "text-indent:-5000px",
        "DISPLAY : NONE", "color:transparent", "font-size:1px",
    )  # fmt: skip
    return (PAGE + "".join(f'<span style="{way}">{UNSEEN}</span>' for way in ways)).encode()


@adversarial_file("html", read=True)
def text_that_is_hidden_otherwise(_: Target) -> bytes:
    rules = "<style>/* x */ .x, #y {display:none} p.z { visibility:hidden }</style>"
    ways = (
        "<p hidden>{}</p>", "<p aria-hidden=true>{}</p>", "<!-- {} -->", "<template>{}</template>",
        "<noscript>{}</noscript>", "<script>{}</script>", "<p class='a x'>{}</p>", "<p id=y>{}</p>",
        "<p class=z><b>{}</b></p>", "<font color=white>{}</font>", "<![CDATA[{}]]>", "<h2 hidden>{}</h2>",
        "<table hidden><tr><td>{}</table>", "<table><tr hidden><td>{}<tr><td>a<td style='display:none'>{}</table>",
        "<h3>a<span style='display:none'>{}</span></h3>",
    )  # fmt: skip
    return (rules + PAGE + "".join(way.replace("{}", UNSEEN) for way in ways)).encode()


@adversarial_file("html", read=True)
def page_that_says_it_is_seven_bit(_: Target) -> bytes:
    return f'<meta charset="utf-7">{PAGE}+ADw-script+AD4-alert(1)+ADw-/script+AD4-'.encode()


@adversarial_file("html", read=True)
def page_in_an_encoding_that_unpacks(_: Target) -> bytes:
    return f'<meta charset="zlib_codec">{PAGE}\xe9'.encode("latin-1")


@adversarial_file("html", read=True)
def letters_that_are_no_letters(_: Target) -> bytes:
    return f"{PAGE}&#xD800;&#0;&#x202E;&#xFFFE;&#x110000;&#99999999999;\0<p>a\0b".encode()


@adversarial_file("html", read=True)
def names_of_elements_that_swallow(_: Target) -> bytes:
    return f"{PAGE}<plaintext>{'<textarea>' * 100}".encode()


@adversarial_file("html", read=True)
def rules_of_style_without_end(_: Target) -> bytes:
    return f"<style>{'.a{' * 100_000}{'@media x{' * 50_000}/*{'}' * 10}</style>{PAGE}".encode()


@adversarial_file("html", read=True, refused=REFUSED)
def comment_that_never_ends(_: Target) -> bytes:
    return f"{PAGE}<!--{'<!--' * 500_000}".encode()


@adversarial_file("html", refused={"wrong_kind"})
def picture_called_page(_: Target) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + PAGE.encode()
