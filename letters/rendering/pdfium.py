"""PDFium, kept to one thread at a time, and a page seen as it is printed: millimetres from the top left of the sheet.

PDFium isn't thread-safe, and web workers have threads: all use of it in this process goes through `pdfium_lock`.
"""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from PIL import Image

from letters.rendering.stock import Rect

pdfium_lock = threading.RLock()

MM_PER_PT = 25.4 / 72
# The zones' figures are multiples of 0.5 mm, so that with 20 pixels a millimetre their edges are edges of pixels.
PX_PER_MM = 20
_AS_PRINTED = pdfium_c.FPDF_ANNOT | pdfium_c.FPDF_PRINTING


@dataclass(frozen=True, slots=True)
class SheetView:
    """How user space of a page lies on the sheet as viewed. Lengths in units of the page; `mm`: of one such unit."""

    left: float
    bottom: float
    right: float
    top: float
    rotation: int  # quarter turns clockwise
    mm: float

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height as viewed."""
        width, height = self.right - self.left, self.top - self.bottom
        if self.rotation % 2:
            width, height = height, width
        return width * self.mm, height * self.mm

    def point(self, x: float, y: float) -> tuple[float, float]:
        """A point of user space, in mm from the top left as viewed."""
        across, down = (
            (x - self.left, self.top - y),
            (y - self.bottom, x - self.left),
            (self.right - x, y - self.bottom),
            (self.top - y, self.right - x),
        )[self.rotation]
        return across * self.mm, down * self.mm

    def rect(self, left: float, bottom: float, right: float, top: float) -> Rect:
        """A rectangle of user space, in mm from the top left as viewed."""
        (x1, y1), (x2, y2) = self.point(left, bottom), self.point(right, top)
        return Rect(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))

    def direction(self, x: float, y: float) -> tuple[float, float]:
        """A direction of user space as viewed, y downwards."""
        (x0, y0), (x1, y1) = self.point(0, 0), self.point(x, y)
        return x1 - x0, y1 - y0


def view_of(page: pdfium.PdfPage, user_unit: float) -> SheetView:
    """How `page` is viewed: its crop box, its rotation and the size of its unit."""
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDF_GetPageBoundingBox(page, box)
    turns = pdfium_c.FPDFPage_GetRotation(page) % 4
    return SheetView(box.left, box.bottom, box.right, box.top, turns, MM_PER_PT * user_unit)


def picture_of(page: pdfium.PdfPage, view: SheetView, area: Rect, *, everything: bool = True) -> Image.Image:
    """`area` (mm) of the page as it prints, on white, PX_PER_MM pixels to the millimetre.

    In RGBX, as PDFium draws it: the fourth channel says nothing, and taking it away costs as much as drawing.

    `everything`: with annotations and form fields that print; else the page's own content alone.
    """
    width, height = round(area.width * PX_PER_MM), round(area.height * PX_PER_MM)
    bitmap = pdfium.PdfBitmap.new_native(width, height, pdfium_c.FPDFBitmap_BGRx)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    scale = PX_PER_MM * view.mm  # pixels to a unit of the page
    left, top = area.left * PX_PER_MM, area.top * PX_PER_MM
    matrix = pdfium_c.FS_MATRIX(scale, 0, 0, scale, -left, -top)
    clip = pdfium_c.FS_RECTF(0, 0, width, height)
    flags = _AS_PRINTED if everything else pdfium_c.FPDF_PRINTING
    pdfium_c.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, clip, flags)
    if everything and page.formenv:
        full_w, full_h = (round(side * PX_PER_MM) for side in view.size_mm)
        pdfium_c.FPDF_FFLDraw(page.formenv, bitmap, page, -round(left), -round(top), full_w, full_h, 0, flags)
    return bitmap.to_pil()


def page_objects(page: pdfium.PdfPage) -> Iterator[tuple[int, ctypes.c_void_p]]:
    """Type and handle of every object on the page that draws something itself, those inside form XObjects too."""
    for index in range(pdfium_c.FPDFPage_CountObjects(page)):
        yield from _drawing(pdfium_c.FPDFPage_GetObject(page, index), 0)


def _drawing(handle: ctypes.c_void_p, depth: int) -> Iterator[tuple[int, ctypes.c_void_p]]:
    kind = pdfium_c.FPDFPageObj_GetType(handle)
    if kind != pdfium_c.FPDF_PAGEOBJ_FORM:
        yield kind, handle
    elif depth < 30:  # a form inside itself is refused by PDFium; this is only the end of the rope
        for index in range(pdfium_c.FPDFFormObj_CountObjects(handle)):
            yield from _drawing(pdfium_c.FPDFFormObj_GetObject(handle, index), depth + 1)


@contextmanager
def without(objects: list[ctypes.c_void_p]) -> Iterator[None]:
    """For a while, the page is drawn without these objects."""
    hidden = [handle for handle in objects if pdfium_c.FPDFPageObj_SetIsActive(handle, False)]
    try:
        yield
    finally:
        for handle in hidden:
            pdfium_c.FPDFPageObj_SetIsActive(handle, True)


def page_pictures(pdf: bytes, width_px: int = 1000) -> list[bytes]:
    """Each page as it prints, as a PNG `width_px` pixels wide. Raises pypdfium2.PdfiumError for what is no PDF."""
    pictures = []
    with pdfium_lock, pdfium.PdfDocument(pdf) as document:
        for page in document:
            picture = page.render(scale=width_px / page.get_width(), draw_annots=True).to_pil().convert("RGB")
            page.close()
            out = BytesIO()
            picture.save(out, "PNG", compress_level=6)
            pictures.append(out.getvalue())
    return pictures
