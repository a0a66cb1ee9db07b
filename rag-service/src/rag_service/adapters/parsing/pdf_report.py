"""Says what of a PDF can't be read, and what to do about it."""

from collections.abc import Sequence

from rag_service.adapters.parsing.outline import Outline
from rag_service.adapters.parsing.pdf_ligatures import UNKNOWN
from rag_service.adapters.parsing.pdf_page import Page
from rag_service.domain.document import Unreadable

MIN_PAGE_CHARACTERS = 50
MIN_READABLE_SHARE = 0.1
MAX_UNKNOWN_SHARE = 0.3
MAX_PLACEHOLDER_CHARACTERS = 1_500
MAX_NAMED_PAGES = 12
RECOGNIZE = "run text recognition (OCR) over the file and upload it again"
SAVE_AGAIN = "open it in a PDF program, save it as a new file, and upload that"


def expect_text(pages: Sequence[Page], *, intact: bool) -> None:
    """Raise Unreadable where there is no text to read. `intact`: the file's own list of its parts is whole."""
    if not pages:
        raise Unreadable("broken", f"The PDF is damaged: it has no pages; {SAVE_AGAIN}.")
    texts = sum(_length(page) for page in pages)
    scanned = sum(_is_scanned(page) for page in pages)
    damaged = sum(page.damaged for page in pages)
    if not texts and not scanned and (not intact or damaged):
        raise Unreadable("broken", f"The PDF is damaged: its pages can't be read; {SAVE_AGAIN}.")
    readable = sum(_length(page) >= MIN_PAGE_CHARACTERS for page in pages)
    if scanned * 2 > len(pages) and readable < MIN_READABLE_SHARE * len(pages):
        raise Unreadable("scanned", f"The pages are pictures without text; {RECOGNIZE}.")
    if texts:
        return
    if any(page.hidden for page in pages):
        raise Unreadable(
            "empty", "The file holds no text that people can see: it is white, tiny, covered or off the page."
        )
    if any(page.drawn for page in pages):
        raise Unreadable("scanned", f"The pages hold drawings or letters drawn as shapes, and no text; {RECOGNIZE}.")
    raise Unreadable("empty", "The file holds no text: its pages are blank.")


def expect_form(texts: Sequence[str]) -> None:
    """Raise Unreadable where a form that PDFium can't read holds only the request to open it elsewhere."""
    if sum(map(len, texts)) < MAX_PLACEHOLDER_CHARACTERS and any("Adobe" in text for text in texts):
        reason = "The PDF is a form of Adobe (XFA) that only its reader shows; print it there into a new PDF."
        raise Unreadable("wrong_kind", reason)


def report(
    outline: Outline, pages: Sequence[Page], *, intact: bool, unreadable_form: bool, texts: Sequence[str]
) -> None:
    """Record what is left out of a document that is read."""
    scanned = [at for at, page in enumerate(pages, 1) if _is_scanned(page)]
    if scanned:
        are = "are pictures" if len(scanned) > 1 else "is a picture"
        outline.leave_out("scanned_pages", f"{_named(scanned)} {are} without text; {RECOGNIZE}.", len(scanned))
    shapes = [at for at, page in enumerate(pages, 1) if not _length(page) and page.drawn and not _is_scanned(page)]
    if shapes:
        hold = "hold" if len(shapes) > 1 else "holds"
        outline.leave_out("pages_without_text", f"{_named(shapes)} {hold} drawings, and no text.", len(shapes))
    damaged = [at for at, page in enumerate(pages, 1) if page.damaged or (not intact and _is_bare(page))]
    if damaged:
        reason = f"{_named(damaged)} can't be read or not to the end; {SAVE_AGAIN}."
        outline.leave_out("damaged_pages", reason, len(damaged))
    _report_parts(outline, pages)
    if unreadable_form:
        reason = "The fields of this form (XFA) can't be read; print it into a new PDF and upload that."
        outline.leave_out("form_fields", reason)
    unknown = sum(text.count(UNKNOWN) for text in texts)
    if unknown:
        reason = (
            f"The file doesn't say what some letters are; they are shown as {UNKNOWN}. "
            f"Export the PDF again from its source, or {RECOGNIZE}."
        )
        outline.leave_out("unknown_letters", reason, unknown)


def _report_parts(outline: Outline, pages: Sequence[Page]) -> None:
    pictures = sum(page.pictures for page in pages if not _is_scanned(page) and not page.pictured)
    if pictures:
        where = _named([at for at, page in enumerate(pages, 1) if page.pictures and not page.pictured], low=True)
        outline.leave_out("pictures", f"Text within pictures is not read ({where}).", pictures)
    hidden = [at for at, page in enumerate(pages, 1) if page.hidden]
    if hidden:
        ways = "white, tiny, covered, or beside the page"
        reason = f"Text that people can't see ({ways}) is not read ({_named(hidden, low=True)})."
        outline.leave_out("hidden_text", reason, sum(page.hidden for page in pages))
    comments = sum(page.filled.comments for page in pages)
    if comments:
        outline.leave_out("comments", "Notes that a reader shows at a click are not read.", comments)


def unknown_share(texts: Sequence[str]) -> float:
    """Return the share of letters whose meaning is not known."""
    letters = sum(map(len, texts))
    return sum(text.count(UNKNOWN) for text in texts) / letters if letters else 0.0


def _length(page: Page) -> int:
    return page.characters + sum(map(len, (*page.filled.fields, *page.filled.typed)))


def _is_scanned(page: Page) -> bool:
    return page.pictured and _length(page) < MIN_PAGE_CHARACTERS


def _is_bare(page: Page) -> bool:
    return not _length(page) and not page.drawn


def _named(pages: Sequence[int], *, low: bool = False) -> str:
    """Return pages by their numbers: `Pages 2, 3 and 7`."""
    word = "page" if len(pages) == 1 else "pages"
    word = word if low else word.capitalize()
    shown = [str(page) for page in pages[:MAX_NAMED_PAGES]]
    if len(pages) > MAX_NAMED_PAGES:
        return f"{word} {', '.join(shown)} and {len(pages) - MAX_NAMED_PAGES} more"
    return f"{word} {', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else f"{word} {shown[0]}"
