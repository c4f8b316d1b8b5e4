"""Label images made by code: small, valid, and different for every 1Z.

GIF and PNG are 1400 x 800 pixels, the 4 x 6 inch label lying on its side, with the number as a bar pattern and in a
comment. ZPL begins with a line feed. PDF only exists in label recovery and for customs forms.
"""

from __future__ import annotations

import base64
import struct
import zlib

WIDTH, HEIGHT = 1400, 800
FORMATS = ("GIF", "ZPL", "EPL", "SPL", "PNG")
STOCK_FORMATS = ("ZPL", "EPL", "SPL")


def bars(text: str) -> str:
    """A row of black and white: every character as its eight bits."""
    return "".join(f"{each:08b}" for each in text.encode("latin-1", "replace"))


def _lzw(pixels: list[int]) -> bytes:
    """GIF's compression for two colours: codes grow from three to twelve bits, least significant bit first."""
    clear, end, size = 4, 5, 3
    table: dict[tuple[int, int], int] = {}
    buffer = used = 0
    packed = bytearray()

    def emit(code: int) -> None:
        nonlocal buffer, used
        buffer |= code << used
        used += size
        while used >= 8:
            packed.append(buffer & 255)
            buffer >>= 8
            used -= 8

    emit(clear)
    current, following = pixels[0], end + 1
    for pixel in pixels[1:]:
        if (current, pixel) in table:
            current = table[current, pixel]
            continue
        emit(current)
        table[current, pixel] = following
        if following == 1 << size:
            size += 1
        following += 1
        current = pixel
        if following > 4000:
            emit(clear)
            table, size, following = {}, 3, end + 1
    emit(current)
    emit(end)
    if used:
        packed.append(buffer & 255)
    return bytes(packed)


def _blocks(data: bytes) -> bytes:
    pieces = [data[start : start + 255] for start in range(0, len(data), 255)]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces) + b"\0"


def gif(text: str, width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A GIF of that size that shows the text as bars and carries it as a comment."""
    row = [1 - int(bit) for bit in bars(text)]
    screen = struct.pack("<HHBBB", width, height, 0x80, 1, 0) + b"\0\0\0\xff\xff\xff"
    frame = b"," + struct.pack("<HHHHB", min(40, width - len(row)), 20, len(row), 16, 0)
    comment = b"!\xfe" + _blocks(text.encode("latin-1", "replace"))
    return b"GIF89a" + screen + comment + frame + b"\x02" + _blocks(_lzw(row * 16)) + b";"


def png(text: str) -> bytes:
    """A black and white PNG that shows the text as bars."""
    row = (bars(text) * 4).ljust(WIDTH, "0")[:WIDTH]
    line = b"\0" + bytes(255 - int(row[start : start + 8], 2) for start in range(0, WIDTH, 8))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 1, 0, 0, 0, 0)
    note = b"Comment\0" + text.encode("latin-1", "replace")
    parts = ((b"IHDR", header), (b"tEXt", note), (b"IDAT", zlib.compress(line * HEIGHT)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(kind, data) for kind, data in parts)


def pdf(text: str) -> bytes:
    """A one-page PDF with one line of text and a correct table of offsets."""
    shown = text.encode("latin-1", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    stream = b"BT /F1 18 Tf 40 380 Td (" + shown + b") Tj ET"
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 288 432] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    )
    made, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return made + tail % (size, table, size, len(made))


def _printer_text(image_format: str, lines: list[str]) -> bytes:
    if image_format == "ZPL":
        fields = "".join(f"^FO50,{50 + 60 * row}^A0N,40,40^FD{line}^FS\n" for row, line in enumerate(lines))
        return f"\n^XA\n^LH0,0\n{fields}^XZ\n".encode("latin-1", "replace")
    if image_format == "EPL":
        fields = "".join(f'A50,{50 + 60 * row},0,4,1,1,N,"{line}"\n' for row, line in enumerate(lines))
        return f"\nN\n{fields}P1\n".encode("latin-1", "replace")
    return "".join(f"{line}\r\n" for line in ("SPL", *lines, "END")).encode("latin-1", "replace")


def label(image_format: str, number: str, lines: list[str], sample: bool) -> bytes:
    """The label of one package. `sample`: the watermark of the sandbox."""
    marked = [number, *lines, *(["SAMPLE - DO NOT SHIP"] if sample else [])]
    if image_format == "GIF":
        return gif(f"{number} SAMPLE" if sample else number)
    if image_format == "PNG":
        return png(" ".join(marked))
    return pdf(" ".join(marked)) if image_format == "PDF" else _printer_text(image_format, marked)


def page(number: str) -> bytes:
    """The HTML around a GIF label."""
    return f'<html><body><img src="./label{number}.gif" height="392" width="651"></body></html>'.encode()


def encoded(data: bytes) -> str:
    """Bytes as they stand in an answer."""
    return base64.b64encode(data).decode()
