"""Starts a training from a model that is published: what it knows need not be learnt again."""

import numpy as np
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
    own = net.state_dict()
    with torch.no_grad():
        for node in graph.node:
            if node.op_type == "Conv" and node.input[1] not in own:
                parent = net.get_submodule(place(node.name).rpartition(".")[0])
                parent[0] = bare(parent[0], *(arrays[name] for name in node.input[1:3]))
                parent[1] = nn.Identity()
            elif node.op_type == "MatMul" and node.input[1] in arrays:
                arrays[f"{place(node.name)}.weight"] = arrays[node.input[1]].T
        net.first[0].weight.div_(nets.SCALE)
        kept = {name: array for name, array in arrays.items() if name in own}
        missing = net.load_state_dict(kept, strict=False).missing_keys
    wanted = {name for name, _ in net.named_parameters() if not is_convolution(net, name)}
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


def is_convolution(net, name):
    return isinstance(net.get_submodule(name.rpartition(".")[0]), nn.Conv2d)
