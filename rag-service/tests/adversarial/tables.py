"""Workbooks and tables as text."""

import random

from .case import REFUSED, SEEN, UNSEEN, Target, adversarial_file
from .packing import OFFICE, SHEET, packed, workbook

LINE = SEEN.encode()


@adversarial_file("excel", refused={"broken"})
def entity_from_a_file_in_a_workbook(target: Target) -> bytes:
    xml = f'<!DOCTYPE a [<!ENTITY e SYSTEM "file://{target.file}">]><sst {SHEET}><si><t>&e;</t></si></sst>'
    return packed(workbook(strings=xml))


@adversarial_file("excel", refused={"broken"})
def billion_laughs_in_a_workbook(_: Target) -> bytes:
    lines = ['<!ENTITY l0 "ha">'] + [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return packed(workbook(strings=f"<!DOCTYPE a [{''.join(lines)}]><sst {SHEET}><si><t>&l9;</t></si></sst>"))


@adversarial_file("excel", read=True)
def million_rows_that_are_only_declared(_: Target) -> bytes:
    return packed(workbook(dimension='<dimension ref="A1:XFD1048576"/>'))


@adversarial_file("excel", refused={"too_large", "broken"})
def two_cells_at_the_ends_of_the_sheet(_: Target) -> bytes:
    return packed(workbook('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


@adversarial_file("excel", refused={"too_large"})
def cell_in_the_last_column(_: Target) -> bytes:
    return packed(workbook('<row r="2"><c r="XFD2"><v>1</v></c></row>'))


@adversarial_file("excel", read=True, refused=REFUSED)
def string_that_is_not_there(_: Target) -> bytes:
    return packed(workbook('<row r="2"><c r="A2" t="s"><v>4000000000</v></c><c r="B2" t="s"><v>-1</v></c></row>'))


@adversarial_file("excel", read=True)
def formula_that_starts_a_program(target: Target) -> bytes:
    cell = f'<c r="A2" t="str"><f>WEBSERVICE("{target.url}/x")&amp;cmd|"/c calc"!A1</f><v>told</v></c>'
    return packed(workbook(f'<row r="2">{cell}</row>'))


@adversarial_file("excel", read=True)
def sheet_that_is_hidden(_: Target) -> bytes:
    row = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{UNSEEN}</t></is></c></row>'
    sheet = f"<worksheet {SHEET}><sheetData>{row}</sheetData></worksheet>"
    parts = workbook(
        sheets='<sheet name="H" sheetId="2" state="veryHidden" r:id="rId3"/>',
        more=f'<Relationship Id="rId3" Type="{OFFICE}/worksheet" Target="worksheets/sheet2.xml"/>',
    )
    return packed({**parts, "xl/worksheets/sheet2.xml": sheet})


@adversarial_file("excel", refused={"wrong_kind"})
def rubbish_called_workbook(_: Target) -> bytes:
    return random.Random(4).randbytes(20_000)


@adversarial_file("excel", refused={"too_large", "broken"})
def million_cells_in_one_row_after_the_other(_: Target) -> bytes:
    row = "".join(f'<c r="A{n}"><v>1</v></c>' for n in range(2))
    return packed(workbook(f'<row r="2">{row}</row><row r="900000"><c r="J900000"><v>1</v></c></row>'))


@adversarial_file("csv", read=True, refused=REFUSED)
def one_line_of_ten_megabytes(_: Target) -> bytes:
    return LINE + b",x\n" + b"word " * 2_000_000


@adversarial_file("csv", refused={"broken"})
def cell_that_never_ends(_: Target) -> bytes:
    return LINE + b',"' + b"word, " * 1_000_000


@adversarial_file("csv", refused={"too_large"})
def million_columns(_: Target) -> bytes:
    return LINE + b",a" * 1_000_000


@adversarial_file("csv", refused={"too_large"})
def three_million_cells(_: Target) -> bytes:
    return LINE + b",b,c\n" + b"1,2,3\n" * 1_000_000


@adversarial_file("csv", read=True)
def zeros_between_the_letters(_: Target) -> bytes:
    return b"name,value\n\0" + LINE.replace(b"T", b"T\0") + b",1\n" * 3 + b"a,b\n" * 30


@adversarial_file("csv", read=True)
def formulas_in_a_table(target: Target) -> bytes:
    return LINE + f',b\n"=HYPERLINK(""{target.url}"")",=1+1\n@SUM(A1),-2+3|cmd\n'.encode()


@adversarial_file("csv", read=True)
def quotes_and_separators_of_every_kind(_: Target) -> bytes:
    return LINE + b';"";\'\n' + b'";"|;\'\t\',"\n' * 2_000 + b'"'


@adversarial_file("csv", refused={"wrong_kind"})
def rubbish_called_table(_: Target) -> bytes:
    return random.Random(5).randbytes(50_000)


@adversarial_file("csv", refused={"empty"})
def nothing_but_separators(_: Target) -> bytes:
    return b",,, ,\t\n" * 10_000
