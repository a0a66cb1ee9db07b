"""Headers, notes, text boxes, forms and changes of a Word document; what is not read is counted."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from docx.oxml import parse_xml
from docx.shared import RGBColor
from rag_service.adapters.parsing import word
from rag_service.adapters.parsing.limits import Limits
from rag_service.domain.document import Parsed, Unreadable

from . import documents

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    f'xmlns:a="{A}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
WHITE = '<w:rPr><w:color w:val="FFFFFF"/></w:rPr>'


def read(write: Callable[[Any], None], **properties: str) -> Parsed:
    return word.read(documents.word(write, **properties), Limits()).parsed()


def text(parsed: Parsed) -> str:
    return "\n\n".join(each.text for each in parsed.sections)


def box(properties: str, content: str, style: str = "") -> Any:
    inside = f"<w:txbxContent><w:p><w:r>{WHITE}<w:t>{content}</w:t></w:r></w:p></w:txbxContent>"
    shape = f"<wps:wsp><wps:spPr>{properties}</wps:spPr>{style}<wps:txbx>{inside}</wps:txbx></wps:wsp>"
    drawing = (
        f"<w:drawing><wp:inline><a:graphic><a:graphicData>{shape}</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    old = f'<w:pict><v:shape fillcolor="#123456"><v:textbox>{inside}</v:textbox></v:shape></w:pict>'
    return parse_xml(
        f'<w:r {SPACES}><mc:AlternateContent><mc:Choice Requires="wps">{drawing}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def solid(colour: str) -> str:
    return f"<a:solidFill>{colour}</a:solidFill>"


def test_headers_and_footers_are_read_once_and_page_numbers_are_not() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("Use the stairs.")
        document.add_section()
        for section in document.sections:
            section.header.is_linked_to_previous = section.footer.is_linked_to_previous = False
            section.header.paragraphs[0].text = "Brandschutzplan, gültig ab 2. April 2031"
            section.footer.paragraphs[0].text = "Seite 1 von 3"
            section.footer.add_paragraph("Hotline 7741")

    found = read(write)
    assert [(each.locator, each.text) for each in found.sections] == [
        ("", "Use the stairs."),
        ("header", "Brandschutzplan, gültig ab 2. April 2031"),
        ("footer", "Hotline 7741"),
    ]


@pytest.mark.parametrize(
    "shape",
    [
        box(solid('<a:srgbClr val="1F3864"/>'), "SEEN"),
        box(solid('<a:schemeClr val="accent1"/>'), "SEEN"),
        box("<a:gradFill/>", "SEEN"),
        box("", "SEEN", '<wps:style><a:fillRef idx="1"><a:schemeClr val="accent2"/></a:fillRef></wps:style>'),
        parse_xml(
            f'<w:r {SPACES}><w:pict><v:rect fillcolor="navy"><v:textbox><w:txbxContent><w:p><w:r>{WHITE}<w:t>SEEN</w:t>'
            "</w:r></w:p></w:txbxContent></v:textbox></v:rect></w:pict></w:r>"
        ),
    ],
)
def test_white_text_in_a_coloured_shape_is_read_once(shape: Any) -> None:
    found = read(lambda document: document.add_paragraph("Plan")._p.append(shape))
    assert text(found) == "Plan\n\nSEEN"
    assert not found.left_out


@pytest.mark.parametrize(
    "fill", ["<a:noFill/>", solid('<a:srgbClr val="FFFFFF"/>'), solid('<a:schemeClr val="bg1"/>'), ""]
)
def test_white_text_in_a_white_shape_is_left_out_and_counted(fill: str) -> None:
    found = read(lambda document: document.add_paragraph("Plan")._p.append(box(fill, "UNSEEN")))
    assert text(found) == "Plan"
    assert [(each.code, each.count) for each in found.left_out] == [("hidden_text", 1)]


def test_a_white_style_is_read_where_its_shape_has_a_colour() -> None:
    def write(document: Any) -> None:
        style = document.styles.add_style("Callout", 1)
        style.font.color.rgb = RGBColor(255, 255, 255)
        document.add_paragraph("UNSEEN", style="Callout")
        shape = box(solid('<a:srgbClr val="C00000"/>'), "SEEN")
        for run in shape.iter("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}color"):
            run.getparent().remove(run)
        document.add_paragraph("Plan", style="Normal")._p.append(shape)

    assert text(read(write)) == "Plan\n\nSEEN"


def test_a_text_box_anchored_in_a_heading_leaves_the_heading() -> None:
    def write(document: Any) -> None:
        heading = document.add_heading("Emergency exits", 1)
        heading._p.append(box(solid('<a:srgbClr val="1F3864"/>'), "Call the porter at once, he has the keys. " * 6))
        document.add_paragraph("There are two.")

    found = read(write)
    assert {each.heading for each in found.sections} == {("Emergency exits",)}
    assert found.title == "Emergency exits"


def test_notes_stand_below_what_refers_to_them_and_never_in_a_figure() -> None:
    def write(document: Any) -> None:
        paragraph = document.add_paragraph("The flat rate is 320")
        paragraph._p.append(parse_xml(f'<w:r {SPACES}><w:footnoteReference w:id="2"/></w:r>'))
        paragraph.add_run(" EUR")
        document.add_paragraph("Area: 12 m").add_run("2").font.superscript = True

    inside = '<w:footnote w:id="2"><w:p><w:r><w:t>Without VAT.</w:t></w:r></w:p></w:footnote>'
    notes = f"<w:footnotes {SPACES}>{inside}</w:footnotes>"
    relation = (
        '<Relationship Id="rId99" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"'
        ' Target="footnotes.xml"/></Relationships>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(documents.word(write))) as made, zipfile.ZipFile(out, "w") as changed:
        for name in made.namelist():
            content = made.read(name)
            if name == "word/_rels/document.xml.rels":
                content = content.replace(b"</Relationships>", relation.encode())
            changed.writestr(name, content)
        changed.writestr("word/footnotes.xml", notes)
    found = word.read(out.getvalue(), Limits()).parsed()
    assert text(found) == "The flat rate is 320 ¹ EUR\n\n¹ Without VAT.\n\nArea: 12 m²"


def test_changes_are_read_as_accepted_and_forms_with_their_values() -> None:
    def write(document: Any) -> None:
        paragraph = document.add_paragraph("Fee: ")._p
        for part in (
            f"<w:del {SPACES}><w:r><w:delText>12</w:delText></w:r></w:del>",
            f"<w:ins {SPACES}><w:r><w:t>15 EUR, </w:t></w:r></w:ins>",
            f'<w:r {SPACES}><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/><w:listEntry '
            'w:val="monthly"/><w:listEntry w:val="yearly"/></w:ddList></w:ffData></w:fldChar></w:r>',
            f"<w:sdt {SPACES}><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:r><w:t>Click here</w:t></w:r>"
            "</w:sdtContent></w:sdt>",
        ):
            paragraph.append(parse_xml(part))

    assert text(read(write)) == "Fee: 15 EUR, yearly"


def test_a_document_without_heading_styles_has_its_bold_lines_as_headings() -> None:
    def write(document: Any) -> None:
        for bold, line in ((True, "Travel"), (False, "Book early."), (True, "Hotels"), (False, "Three stars.")):
            document.add_paragraph().add_run(line).bold = bold
        document.add_paragraph().add_run("Never pay in cash.").bold = True

    found = read(write)
    assert [(each.heading, each.text) for each in found.sections] == [
        (("Travel",), "Book early."),
        (("Hotels",), "Three stars.\n\nNever pay in cash."),
    ]


@pytest.mark.parametrize(
    ("declared", "heading", "title"),
    [
        ("Letterhead template", "Parental leave", "Parental leave"),
        ("Briefvorlage", "Elternzeit", "Elternzeit"),
        ("Angebot Meier 2019", "Elternzeit", "Elternzeit"),
        ("Travel policy", "Travelling for work", "Travel policy"),
        ("Leave rules 2031", "Introduction", "Leave rules 2031"),
        ("", "Parental leave", "Parental leave"),
    ],
)
def test_a_title_that_a_template_left_is_not_the_documents(declared: str, heading: str, title: str) -> None:
    def write(document: Any) -> None:
        document.add_heading(heading, 1)
        document.add_paragraph("Nothing else is said.")

    assert read(write, title=declared).title == title


def test_strict_open_xml_is_read() -> None:
    data = documents.word(lambda document: document.add_heading("Scope", 1), title="Rules of Scope")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(out, "w") as strict:
        for name in made.namelist():
            usual = rb"http://schemas.openxmlformats.org/(officeDocument|wordprocessingml|drawingml)/2006/"
            strict.writestr(name, re.sub(usual, rb"http://purl.oclc.org/ooxml/\1/", made.read(name)))
    assert word.read(out.getvalue(), Limits()).parsed().sections[0].text == "Scope"


@pytest.mark.parametrize("size", [0.3, 0.9])
def test_a_damaged_document_says_what_to_do(size: float) -> None:
    data = documents.word(lambda document: document.add_paragraph("x"))
    with pytest.raises(Unreadable) as caught:
        word.read(data[: int(len(data) * size)], Limits())
    assert caught.value.code == "broken"
    assert "save it again" in caught.value.reason
