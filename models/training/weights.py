"""Starts a training from a model that is published: what it knows need not be learnt again."""

import torch
import torch.nn as nn

import nets


def resume(net, file):
    """
    Gives `net` the weights of the ONNX file that `common.export` wrote of one like it. The file's convolutions hold
    their batch norms; here these stay away: `net` answers as the file does, in training, too.
    Needs the package `onnx`.
    @raises ValueError for the file of another network
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(file)).graph
    arrays = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
    filled = set()
    with torch.no_grad():
        for node in graph.node:
            name = place(node.name)
            parent, _, at = name.rpartition(".")
            around = net.get_submodule(parent) if node.op_type == "Conv" else None
            if isinstance(around, nn.Sequential) and normed(around, int(at)):
                around[int(at)] = bare(around[int(at)], *(arrays[one] for one in node.input[1:3]))
                around[int(at) + 1] = nn.Identity()
                filled |= {f"{name}.weight", f"{name}.bias"}
            elif node.op_type == "MatMul" and node.input[1] in arrays:
                arrays[f"{name}.weight"] = arrays[node.input[1]].T
        net.first[0].weight.div_(nets.SCALE)
        named = {one: array for one, array in arrays.items() if one not in filled}
        if hasattr(net, "fit"):
            net.fit(named)
        missing = net.load_state_dict(named, strict=False).missing_keys
    wanted = {one for one, _ in net.named_parameters()} - filled
    if left := sorted(wanted.intersection(missing)):
        raise ValueError(f"{file} has no {', '.join(left)}")
    return net


def place(node):
    """Where a node of the graph stands in the network: each scope's name repeats that of the one around it."""
    names, around = [], None
    for scope in node.strip("/").split("/")[:-1]:
        names.append(scope[len(around) + 1 :] if around and scope.startswith(f"{around}.") else scope)
        around = scope
    return ".".join(names)


def normed(layers, at):
    """Whether a batch norm comes after this layer."""
    return at + 1 < len(layers) and isinstance(layers[at + 1], nn.BatchNorm2d)


def bare(conv, weight, bias):
    """The convolution with these weights, its shift its own."""
    if conv.weight.shape != weight.shape:
        raise ValueError(f"weights of {tuple(weight.shape)} do not fit {conv}")
    made = nn.Conv2d(
        conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.padding, groups=conv.groups
    )
    made.weight.copy_(weight)
    made.bias.copy_(bias)
    return made
