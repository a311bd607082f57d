"""
The mean of models that went on from one and the same, weight by weight: they lie so close together that it answers better
than each of them (Wortsman et al., "Model soups", 2022), in the time of one. Two trainings of one thread each take two cores
without waiting for each other.

    /usr/bin/python3 models/training/average.py --out made made-1/demo-body-attributes.onnx made-2/demo-body-attributes.onnx

The card is the first one's, with `weightsAveragedWith` of the others; `--minutes 0 --from` of the model's own training measures it.
"""

import argparse
from pathlib import Path

import numpy as np

import common


def averaged(files):
    """@return the ONNX model of the first file with the mean weights of all. @raises ValueError for another network."""
    import onnx
    from onnx import numpy_helper

    models = [onnx.load(str(file)) for file in files]
    weights = [{one.name: numpy_helper.to_array(one) for one in model.graph.initializer} for model in models]
    shapes = [{name: array.shape for name, array in each.items()} for each in weights]
    for file, each in zip(files, shapes):
        if each != shapes[0]:
            raise ValueError(f"{file} is not the same network as {files[0]}")
    for tensor in models[0].graph.initializer:
        arrays = [each[tensor.name] for each in weights]
        if np.issubdtype(arrays[0].dtype, np.floating):
            mean = np.mean(arrays, 0, dtype=np.float64).astype(arrays[0].dtype)
            tensor.CopyFrom(numpy_helper.from_array(mean, tensor.name))
    return models[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=Path)
    parser.add_argument("--out", required=True, type=Path, help="folder for model and card")
    args = parser.parse_args()
    file = args.out / args.models[0].name
    args.out.mkdir(parents=True, exist_ok=True)
    file.write_bytes(averaged(args.models).SerializeToString())
    card, *others = (common.card_of(model) for model in args.models)
    card["weightsAveragedWith"] = [common.training_of(other) for other in others]
    common.keep_card(file, card)
    print(f"wrote {file}, the mean of {len(args.models)}")


if __name__ == "__main__":
    main()
