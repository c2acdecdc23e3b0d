"""The network as an ONNX file: in 32-bit floats, or with 8-bit weights, its activations quantised as they come.

The graph is written node by node with onnxruntime's own operators, so that neither torch nor a pass of fusions stands
between the weights and what serves. Names of tensors are those of `Network.state_dict`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from moderation.classifier.encoder import PADDING, TEXT

Floats = npt.NDArray[np.float32]
_OWN = "com.microsoft"
_EPSILON = 1e-12  # of the base's normalisations
# Seven bits: on processors without VNNI the product of two 8-bit numbers saturates, and scores would differ by machine.
_GREATEST = 63
# What the second dense step of a layer reads has few values far beyond the rest: one scale for all of them would cost
# most of what 8 bits cost. It is rounded in stretches of so many, each with its own scale.
_STRETCH = 128
_EIGHT_BITS = 4  # onnxruntime's name for activations of 8 bits
_MIDDLE = 128  # what stands for 0 in weights without a sign
_FAR = -1e4


class _Graph:
    """Nodes and constants as they are added."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node and return the name of what it gives."""
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [name], name, domain=domain, **attributes))
        return name

    def end(self, name: str, operator: str, *inputs: str) -> None:
        """Add a node that gives one of the graph's results."""
        self.nodes.append(helper.make_node(operator, inputs, [name], name))

    def keep(self, name: str, values: npt.NDArray[Any]) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.asarray(values, order="C"), name))
        return name


def build(tensors: Mapping[str, Floats], heads: int, *, quantised: bool) -> bytes:
    """Return the file of the network: `pieces` and `kinds` (texts x length, 32-bit) in, `odds` (texts x labels) and
    `shares` (texts x length x labels) out.
    """
    graph = _Graph()
    layers = 1 + max(int(name.split(".")[1]) for name in tensors if name.startswith("layers."))
    states = _embedded(graph, tensors, quantised)
    seen = graph.add(
        "Cast",
        graph.add("Greater", "kinds", graph.keep("padding", np.array(PADDING, np.int32))),
        to=TensorProto.INT32,
    )
    for number in range(layers):
        states = _layer(graph, tensors, f"layers.{number}", states, seen, heads, quantised)
    _scored(graph, tensors, states)
    texts, labels = "texts", tensors["head.bias"].shape[0]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "encoder",
            [
                helper.make_tensor_value_info(name, TensorProto.INT32, [texts, "length"])
                for name in ("pieces", "kinds")
            ],
            [
                helper.make_tensor_value_info("odds", TensorProto.FLOAT, [texts, labels]),
                helper.make_tensor_value_info("shares", TensorProto.FLOAT, [texts, "length", labels]),
            ],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", 18), helper.make_opsetid(_OWN, 1)],
        ir_version=9,
    )
    return bytes(model.SerializeToString())


def _scored(graph: _Graph, tensors: Mapping[str, Floats], states: str) -> None:
    """Add the head: it reads the mean and the greatest of the text's states; what each piece gives to them is its share."""
    width = tensors["head.weight"].shape[1] // 2
    of_mean = graph.keep("head_mean", tensors["head.weight"][:, :width].T)
    of_greatest = graph.keep("head_greatest", tensors["head.weight"][:, width:].T)
    text = graph.add("Equal", "kinds", graph.keep("text", np.array(TEXT, np.int32)))
    own = graph.add("Unsqueeze", text, graph.keep("last", np.array([2], np.int64)))
    counted = graph.add("Cast", own, to=TensorProto.FLOAT)
    along = graph.keep("along", np.array([1], np.int64))
    number = graph.add("ReduceSum", counted, along, keepdims=1)
    alone = graph.add("Where", own, states, graph.keep("far", np.array(_FAR, np.float32)))
    greatest = graph.add("ReduceMax", alone, along, keepdims=1)
    given = graph.add("Div", graph.add("Mul", states, counted), number)
    reached = graph.add(
        "Where", graph.add("Equal", alone, greatest), states, graph.keep("nothing", np.array(0, np.float32))
    )
    by_mean, by_greatest = (
        graph.add("MatMul", given, of_mean),
        graph.add("MatMul", reached, of_greatest),
    )
    graph.end("shares", "Add", by_mean, by_greatest)
    mean = graph.add("ReduceSum", given, along, keepdims=0)
    flat = graph.add("Squeeze", greatest, along)
    scored = graph.add("Add", graph.add("MatMul", mean, of_mean), graph.add("MatMul", flat, of_greatest))
    graph.end("odds", "Add", scored, graph.keep("head_bias", tensors["head.bias"]))


def _embedded(graph: _Graph, tensors: Mapping[str, Floats], quantised: bool) -> str:
    if quantised:
        # A scale for each piece: one for all would be that of the few longest vectors.
        whole, scales = _whole_numbers(tensors["word.weight"], 127)
        gathered = graph.add(
            "Cast", graph.add("Gather", graph.keep("word", whole), "pieces"), to=TensorProto.FLOAT
        )
        word = graph.add(
            "Mul", gathered, graph.add("Gather", graph.keep("word_scale", scales[:, None]), "pieces")
        )
    else:
        word = graph.add("Gather", graph.keep("word", tensors["word.weight"]), "pieces")
    length = graph.add("Gather", graph.add("Shape", "pieces"), graph.keep("second", np.array(1, np.int64)))
    places = graph.add(
        "Range", graph.keep("none", np.array(0, np.int64)), length, graph.keep("one", np.array(1, np.int64))
    )
    placed = graph.add("Add", word, graph.add("Gather", graph.keep("place", tensors["place"]), places))
    told = graph.add("Add", placed, graph.add("Gather", graph.keep("kind", tensors["kind"]), "kinds"))
    return graph.add(
        "LayerNormalization",
        told,
        graph.keep("norm", tensors["norm.weight"]),
        graph.keep("norm_bias", tensors["norm.bias"]),
        epsilon=_EPSILON,
    )


def _layer(
    graph: _Graph,
    tensors: Mapping[str, Floats],
    name: str,
    states: str,
    seen: str,
    heads: int,
    quantised: bool,
) -> str:
    def normed(before: str, added: str, which: str, bias: str) -> str:
        gamma = graph.keep(f"{name}.{which}", tensors[f"{name}.{which}.weight"])
        beta = graph.keep(f"{name}.{which}_bias", tensors[f"{name}.{which}.bias"])
        return graph.add(
            "SkipLayerNormalization", before, added, gamma, beta, bias, domain=_OWN, epsilon=_EPSILON
        )

    def product(before: str, which: str) -> str:
        weight = tensors[f"{name}.{which}_weight"]
        if not quantised:
            return graph.add("MatMul", before, graph.keep(f"{name}.{which}", weight.T))
        whole, scales = _whole_numbers(weight, _GREATEST)
        return graph.add(
            "DynamicQuantizeMatMul",
            before,
            graph.keep(f"{name}.{which}", whole.T),
            graph.keep(f"{name}.{which}_scale", scales),
            domain=_OWN,
        )

    def bias(which: str) -> str:
        return graph.keep(f"{name}.{which}_bias", tensors[f"{name}.{which}_bias"])

    weight = tensors[f"{name}.mixed_weight"]
    if quantised:
        whole, scales = _whole_numbers(weight, _GREATEST)
        number = len(graph.nodes)
        rounded = [f"rounded_{number}", f"rounded_scale_{number}", f"rounded_zero_{number}"]
        graph.nodes.append(helper.make_node("DynamicQuantizeLinear", [states], rounded, f"rounded_{number}"))
        attended = graph.add(
            "QAttention", rounded[0], graph.keep(f"{name}.mixed", whole.T), bias("mixed"), rounded[1],
            graph.keep(f"{name}.mixed_scale", scales), seen, rounded[2],
            domain=_OWN, num_heads=heads,
        )  # fmt: skip
    else:
        attended = graph.add(
            "Attention",
            states,
            graph.keep(f"{name}.mixed", weight.T),
            bias("mixed"),
            seen,
            domain=_OWN,
            num_heads=heads,
        )
    states = normed(states, product(attended, "out"), "attended", bias("out"))
    inner = graph.add("BiasGelu", product(states, "inner"), bias("inner"), domain=_OWN)
    outer = (
        _product_by_stretches(graph, inner, f"{name}.outer", tensors[f"{name}.outer_weight"])
        if quantised
        else product(inner, "outer")
    )
    return normed(states, outer, "transformed", bias("outer"))


def _product_by_stretches(graph: _Graph, before: str, name: str, weight: Floats) -> str:
    """Add a product whose weights and activations have a scale for each stretch of a row."""
    given, read = weight.shape
    stretches = -(-read // _STRETCH)
    filled = np.zeros((given, stretches * _STRETCH), np.float32)
    filled[:, :read] = weight
    whole, scales = _whole_numbers(filled.reshape(-1, _STRETCH), _GREATEST)
    return graph.add(
        "MatMulNBits",
        before,
        graph.keep(name, (whole.astype(np.int16) + _MIDDLE).astype(np.uint8).reshape(given, stretches, _STRETCH)),
        graph.keep(f"{name}_scale", scales),
        domain=_OWN, K=read, N=given, bits=8, block_size=_STRETCH, accuracy_level=_EIGHT_BITS,
    )  # fmt: skip


def _whole_numbers(weights: Floats, greatest: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """Return the rows as whole numbers up to `greatest`, and the scale of each row."""
    scales = np.maximum(np.abs(weights).max(axis=1) / greatest, 1e-12).astype(np.float32)
    return np.rint(weights / scales[:, None]).astype(np.int8), scales
