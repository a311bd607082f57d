"""
Trains the models that describe a crop: attributes of a face, of a body, or whether a face is alive.

Data: `labels.i16`, a row for each picture with the value's number for each head, -1 where it is not known; `heads` in
meta.json: [{name, values}], or {name, scale} without values for a number, which is learnt divided by `scale`.
Answer: one row, the heads in their order: a probability for each value, or the number divided by its scale.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

import augment
import common
import nets
import pictures

MINUTES = {"face": 15, "body": 25, "liveness": 8}
# What somebody does raises alarms; it shall not count as one of thirty attributes.
COUNTS = {"status": 3.0, "st_status_type": 2.0}
ALIVE = ("alive", "live", "real", "true")


class Heads:
    """The heads of a set: names, values, where their answers lie in a row."""

    def __init__(self, meta):
        self.list = meta["heads"]
        self.values = [list(head.get("values") or []) for head in self.list]
        self.scales = [float(head.get("scale", meta.get("scale", 1))) for head in self.list]
        self.numbers = [len(values) == 0 for values in self.values]
        self.sizes = [max(1, len(values)) for values in self.values]
        self.starts = np.cumsum([0] + self.sizes)

    def parts(self, rows):
        return torch.split(rows, self.sizes, 1)

    def layout(self):
        """For the card: what stands where in the answer."""
        return [
            {"name": head["name"], "at": int(at), **({"scale": scale} if number else {"values": values})}
            for head, at, number, values, scale in zip(self.list, self.starts, self.numbers, self.values, self.scales)
        ]


def labels_of(data, heads):
    """@raises ValueError for a label that its head does not have."""
    labels = data.per_picture("labels.i16", np.int16, len(heads.list)).astype(np.int64)
    for column, (head, values) in enumerate(zip(heads.list, heads.values)):
        if values and labels[:, column].max() >= len(values):
            raise ValueError(f"{head['name']} has a label {labels[:, column].max()} but {len(values)} values")
    return labels


def weights_of(labels, heads):
    """
    Rare values count more, though not as much more as they are rarer; the mean over the pictures stays 1. So they are learnt
    in a first training; one that goes on from a model counts all pictures alike, so that it is as sure as it is right.
    """
    weights = []
    for column, values in enumerate(heads.values):
        known = labels[labels[:, column] >= 0, column]
        counts = np.bincount(known, minlength=max(1, len(values)))[: len(values)] if values else np.ones(1)
        weight = 1 / np.sqrt(np.maximum(counts, 1) / max(1, len(known)))
        weight *= counts.sum() / max(1e-9, (weight * counts).sum())
        weights.append(torch.from_numpy(np.minimum(weight, 8)).float())
    return weights


def vary(x, rng, kind):
    x = augment.flip(x, augment.some(rng, len(x), 0.5))
    if kind == "body":
        x = augment.jitter(x, rng, 0.07, 0.04)
        # Colours are among the answers, so the light may change less.
        return augment.cover(augment.camera(x, rng, 0.4), rng, 0.1, 0.2)
    if kind == "liveness":
        # What gives a picture away is fine; blur and compression hide it.
        return augment.camera(augment.jitter(x, rng, 0.1, 0.05, 0.08), rng, 0.5)
    return augment.camera(augment.jitter(x, rng, 0.06, 0.03, 0.06), rng, 0.5)


def loss_of(logits, labels, heads, weights):
    """Mean over the heads; a head counts by the part of the batch in which it is known, and as COUNTS says."""
    total = 0.0
    shares = [COUNTS.get(head["name"], 1.0) for head in heads.list]
    for column, part in enumerate(heads.parts(logits)):
        own = labels[:, column]
        known = own >= 0
        if not known.any():
            continue
        if heads.numbers[column]:
            one = 4 * F.smooth_l1_loss(part[known, 0], own[known] / heads.scales[column], beta=0.05, reduction="sum")
        else:
            one = F.cross_entropy(part[known], own[known], weights[column], reduction="sum", label_smoothing=0.03)
        total = total + shares[column] * one / len(labels)
    return total / sum(shares)


def answers(net, data):
    with torch.no_grad():
        return torch.cat([net(x * nets.SCALE) for _, x in pictures.in_order(data, 128)])


def evaluate(rows, labels, heads):
    """Accuracy of each head, beside the share of its most frequent value; confusion of the six worst."""
    found, confusions = {}, []
    for column, (head, part) in enumerate(zip(heads.list, heads.parts(rows))):
        own = labels[:, column]
        known = own >= 0
        told, own = part.numpy()[known], own[known]
        if len(own) == 0:
            found[head["name"]] = {"known": 0}
        elif heads.numbers[column]:
            off = np.abs(told[:, 0] * heads.scales[column] - own)
            usual = np.abs(own - np.median(own)).mean()
            found[head["name"]] = {"known": len(own), "meanError": off.mean(), "errorOfGuessing": usual}
        else:
            size = len(heads.values[column])
            table = np.bincount(own * size + told.argmax(1), minlength=size * size).reshape(size, size)
            there = table.sum(1) > 0
            found[head["name"]] = {
                "known": len(own),
                "accuracy": np.trace(table) / len(own),
                "meanRecall": (np.diag(table)[there] / table.sum(1)[there]).mean(),
                "accuracyOfGuessing": table.sum(1).max() / len(own),
            }
            confusions.append((found[head["name"]]["accuracy"], head["name"], heads.values[column], table))
    accuracies = [one["accuracy"] for one in found.values() if "accuracy" in one]
    worst = [
        {"name": name, "values": values, "trueByTold": table.tolist()}
        for _, name, values, table in sorted(confusions, key=lambda one: one[0])[:6]
    ]
    return {"pictures": len(labels), "meanAccuracy": float(np.mean(accuracies)), "heads": found, "worst": worst}


def attack_errors(alive, truth, known):
    """
    Errors of presentation attack detection (ISO/IEC 30107-3): APCER, attacks taken for alive; BPCER, living ones taken
    for attacks; at 0.5, at the threshold of the least sum of both, and BPCER where APCER is 1 and 5 %.
    """
    score, truth = alive[known], truth[known]
    attacks, living = np.sort(score[~truth]), np.sort(score[truth])
    if len(attacks) == 0 or len(living) == 0:
        return None

    def at(threshold):
        apcer = 1 - np.searchsorted(attacks, threshold) / len(attacks)
        bpcer = np.searchsorted(living, threshold) / len(living)
        return {"threshold": threshold, "apcer": apcer, "bpcer": bpcer}

    table = [at(t) for t in np.unique(np.concatenate([score, [0.5]]))]
    result = {"half": at(0.5), "best": min(table, key=lambda one: one["apcer"] + one["bpcer"])}
    for most in (0.01, 0.05):
        fit = [one for one in table if one["apcer"] <= most]
        result[f"apcer{most:g}"] = min(fit, key=lambda one: one["bpcer"]) if fit else None
    return {"attacks": len(attacks), "living": len(living), **result}


def main():
    parser = common.options(__doc__, minutes=None, batch=64, rate=0.003)
    parser.add_argument("--kind", required=True, choices=list(MINUTES))
    args = parser.parse_args()
    args.minutes = MINUTES[args.kind] if args.minutes is None else args.minutes
    args.id = args.id or {"face": "face-attributes", "body": "body-attributes", "liveness": "liveness"}[args.kind]
    common.prepare(args)
    train, val = pictures.Pictures(args.data, "train"), pictures.Pictures(args.data, "val")
    heads = Heads(train.meta)
    if Heads(val.meta).layout() != heads.layout():
        raise ValueError("train and val do not have the same heads")
    labels, val_labels = labels_of(train, heads), labels_of(val, heads)
    weights = [None] * len(heads.list) if args.start else weights_of(labels, heads)
    labels = torch.from_numpy(labels)
    net = common.start(nets.Attributes(args.kind, heads.sizes, heads.numbers, (train.height, train.width)), args)
    if args.start and args.minutes:
        net.keep_first()
    run = common.Run(net, args)
    rng = augment.generator(args.seed)
    batches = pictures.endless(train, args.batch, args.seed)
    while run.going():
        indices, pixels = next(batches)
        x = vary(pictures.floats(pixels), rng, args.kind)
        with run.autocast():
            logits = net.logits(x.mul_(nets.SCALE))
        run.learn(loss_of(logits.float(), labels[indices], heads, weights), len(x))
    best = run.finish()
    rows = answers(best, val)
    results = evaluate(rows, val_labels, heads)
    if args.kind == "liveness":
        value = next(i for i, name in enumerate(heads.values[0]) if name in ALIVE)
        own = val_labels[:, 0]
        results["attackErrors"] = attack_errors(rows[:, value].numpy(), own == value, own >= 0)
    results = common.rounded(results)
    print(json.dumps(results), flush=True)
    shape = (1, 3, train.height, train.width)
    data = {"train": train, "val": val}
    common.write(run, best, args, f"{args.kind}-attributes", data, shape, results, heads=heads.layout())


if __name__ == "__main__":
    main()
