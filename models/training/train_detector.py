"""
Trains the detector of people, faces, helmets, vehicles, plates, fire, smoke and extinguishers.

Data: `boxes.f32`, rows of picture, class, x1, y1, x2, y2, visible, ten numbers of landmarks or NaN; `labels` in
meta.json. Objects of which less than 0.3 is visible need not be found and may be; so it is, in the results, with those
whose shorter side has fewer pixels than `asked` of meta.json says of their kind.
Answer: rows as `nets.Detector` describes them. Height and width are free, in multiples of 32.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

import augment
import boxes
import common
import nets
import pictures

VISIBLE = 0.3
# Of the score, what the box takes a detection for and what it throws away.
USED_SCORE = 0.4


# Parts of the pictures that a step looks at: cheaper than whole ones, and mostly about something.
WINDOWS = ((192, 288), (192, 256), (160, 320), (224, 224))


def window(rows, index, scale, size, rng):
    """Where a window of `size` lies so that it shows one of the picture's objects: the shift of the scaled picture."""
    mine = rows[(rows[:, boxes.IMAGE] == index) & (rows[:, boxes.VISIBLE] >= VISIBLE)]
    target = torch.tensor([size[1], size[0]], dtype=torch.float32)
    if len(mine) == 0 or float(augment.uniform(rng, 0, 1, 1)) < 0.1:
        return None
    # Small things are many less often in a window that lies anywhere; each object is as likely to be chosen.
    row = mine[int(torch.randint(0, len(mine), (1,), generator=rng))]
    middle = (row[2:4] + row[4:6]) / 2 * scale
    return target * augment.uniform(rng, 0.15, 0.85, 2) - middle


def vary(x, rows, rng):
    """A part of each picture at another scale, mirrored or not, seen by another camera; as the network takes it."""
    size = WINDOWS[int(torch.randint(0, len(WINDOWS), (1,), generator=rng))]
    n = len(x)
    source, target = torch.tensor([x.shape[3], x.shape[2]]), torch.tensor([size[1], size[0]])
    zoom = torch.exp(augment.uniform(rng, np.log(0.8), np.log(1.6), n, 1))
    zoom = torch.where(augment.uniform(rng, 0, 1, n, 1) < 0.35, torch.ones(n, 1), zoom)
    scale = zoom * torch.exp(augment.uniform(rng, -0.08, 0.08, n, 2))
    free = target - scale * source
    shift = free * augment.uniform(rng, 0, 1, n, 2)
    for index in range(n):
        chosen = window(rows, index, scale[index], size, rng)
        if chosen is not None:
            # Nothing but the picture where the picture is large enough.
            shift[index] = torch.maximum(torch.minimum(chosen, free[index].clamp(min=0)), free[index].clamp(max=0))
    mirrored = torch.rand(n, generator=rng) < 0.5
    shift[mirrored, 0] = target[0] - shift[mirrored, 0]
    scale[mirrored, 0] *= -1
    rows = boxes.move(rows, scale, shift, size)
    x = augment.place(x, scale, shift, size)
    return augment.camera(x, rng, 0.6).mul_(nets.SCALE), rows, size


def losses(raw, rows, cells, size):
    """Objectness of all cells; class, box and landmarks of the cells that shall find something."""
    must, ignored = rows[rows[:, boxes.VISIBLE] >= VISIBLE], rows[rows[:, boxes.VISIBLE] < VISIBLE]
    counts = torch.ones(raw.shape[:2], dtype=torch.bool)
    centres = (cells[:, :2] + 0.5) * cells[:, 2:3]
    for row in ignored:
        inside = ((centres > row[2:4]) & (centres < row[4:6])).all(1)
        counts[int(row[boxes.IMAGE]), inside] = False
    wanted = torch.zeros(raw.shape[:2])
    zero = raw.sum() * 0
    if len(must) == 0:
        nothing = F.binary_cross_entropy_with_logits(raw[..., 4][counts], wanted[counts], reduction="sum")
        return nothing, zero, zero, zero
    picture, cell, which = boxes.assign(raw.detach(), must, cells, size, nets.Detector.STRIDES)
    found, near, truth = raw[picture, cell], cells[cell], must[which]
    target = truth[:, boxes.BOX]
    wanted[picture, cell], counts[picture, cell] = 1.0, True
    share = 1 / max(1, len(which))
    presence = F.binary_cross_entropy_with_logits(raw[..., 4][counts], wanted[counts], reduction="sum") * share

    box = boxes.corners(found, near)
    stride = near[:, 2:3]
    exact = torch.cat([
        (target[:, :2] + target[:, 2:]) / 2 / stride - near[:, :2],
        torch.log((target[:, 2:] - target[:, :2]).clamp(min=1) / stride),
    ], 1)  # fmt: skip
    place = (1 - boxes.overlap(box, target, general=True)).sum() + 0.2 * F.l1_loss(found[:, :4], exact, reduction="sum")

    quality = boxes.overlap(box, target).detach()
    kinds = torch.zeros(len(which), raw.shape[2] - 15)
    kinds[torch.arange(len(which)), truth[:, boxes.KIND].long()] = quality
    kind = F.binary_cross_entropy_with_logits(found[:, 15:], kinds, reduction="sum")

    known = torch.isfinite(truth[:, boxes.POINTS]).all(1)
    points = zero
    if known.any():
        sides = (target[known, 2:] - target[known, :2]).clamp(min=1)
        aim = truth[known][:, boxes.POINTS] / stride[known] - near[known, :2].repeat(1, 5)
        unit = sides / stride[known]
        told = nets.landmarks(torch.cat([exact[known], found[known][:, 4:]], 1)[None], unit[None])[0]
        whole = unit.repeat(1, 5)
        points = F.smooth_l1_loss(told / whole, aim / whole, beta=0.05, reduction="sum")
    return presence, kind * share, place * share, points * share


def detections(net, x, cells):
    """For each picture: boxes, scores, classes and landmarks, thinned out class by class as the box does it."""
    with torch.no_grad():
        answer = net(x.mul_(nets.SCALE))
    corner = boxes.corners(answer, cells).numpy()
    points = ((answer[..., -10:].reshape(len(x), -1, 5, 2) + cells[:, None, :2]) * cells[:, 2, None, None]).numpy()
    kinds = answer[..., 5:-10]
    score, kind = (answer[..., 4] * kinds.amax(2)).numpy(), kinds.argmax(2).numpy()
    for n in range(len(x)):
        chosen = np.nonzero(score[n] > 0.02)[0]
        kept = [
            mine[boxes.suppress(corner[n, mine], score[n, mine])]
            for label in np.unique(kind[n, chosen])
            for mine in [chosen[kind[n, chosen] == label]]
        ]
        kept = np.concatenate(kept) if kept else np.empty(0, np.int64)
        yield corner[n, kept], score[n, kept], kind[n, kept], points[n, kept]


def evaluate(net, val, labels):
    rows, starts = boxes.load(val)
    cells = boxes.grid((val.height, val.width), net.STRIDES)
    limit = np.array([val.width, val.height] * 2, np.float32)
    asked = [val.meta.get("asked", {}).get(label, 0) for label in labels]
    tally = [{"scores": [], "right": [], "total": 0, "landmarks": [], "sizes": {}} for _ in labels]
    for indices, x in pictures.in_order(val, 32):
        for index, (corner, score, kind, points) in zip(indices, detections(net, x, cells)):
            mine = rows[starts[index] : starts[index + 1]]
            corner = np.clip(corner, 0, limit)
            for label, sums in enumerate(tally):
                truth = mine[mine[:, boxes.KIND] == label]
                side = (truth[:, 4:6] - truth[:, 2:4]).min(1)
                counts = (truth[:, boxes.VISIBLE] >= VISIBLE) & (side >= asked[label])
                must, ignored = truth[counts], truth[~counts]
                own = kind == label
                hits = boxes.match(corner[own], score[own], must[:, boxes.BOX], ignored[:, boxes.BOX])
                counted = hits != -2
                sums["scores"].append(score[own][counted])
                sums["right"].append(hits[counted] >= 0)
                sums["total"] += len(must)
                used = {hit for hit, s in zip(hits, score[own]) if hit >= 0 and s > USED_SCORE}
                for i, row in enumerate(must):
                    high = row[5] - row[3]
                    size = next(f"{least}px" for least in (128, 64, 32, 16, 8, 0) if high >= least)
                    there, got = sums["sizes"].get(size, (0, 0))
                    sums["sizes"][size] = (there + 1, got + (i in used))
                for hit, told in zip(hits, points[own]):
                    if hit >= 0 and np.isfinite(must[hit, boxes.POINTS]).all():
                        off = np.linalg.norm(told - must[hit, boxes.POINTS].reshape(5, 2), axis=1).mean()
                        sums["landmarks"].append(off / max(1.0, must[hit, 5] - must[hit, 3]))
    return {label: summary(sums) for label, sums in zip(labels, tally)}


def summary(sums):
    scores, right = np.concatenate(sums["scores"]), np.concatenate(sums["right"])
    used = scores > USED_SCORE
    result = {
        "objects": sums["total"],
        "averagePrecision": boxes.average_precision(scores, right, sums["total"]),
        "precision": float(right[used].mean()) if used.any() else None,
        "recall": float(right[used].sum() / sums["total"]) if sums["total"] else None,
        "recallByHeight": {size: got / there for size, (there, got) in sorted(sums["sizes"].items())},
    }
    if sums["landmarks"]:
        result["landmarkErrorPerFaceHeight"] = float(np.mean(sums["landmarks"]))
    return result


def main():
    args = common.options(__doc__, minutes=40, batch=16, rate=0.003).parse_args()
    args.id = args.id or "detector"
    common.prepare(args)
    train, val = pictures.Pictures(args.data, "train"), pictures.Pictures(args.data, "val")
    labels = list(train.meta["labels"])
    rows, starts = boxes.load(train)
    height, width = train.height, train.width
    cells = {size: boxes.grid(size, nets.Detector.STRIDES) for size in (*WINDOWS, (height, width))}
    net = common.start(nets.Detector(len(labels)), args)
    run = common.Run(net, args)
    rng = augment.generator(args.seed)
    batches = pictures.endless(train, args.batch, args.seed)
    while run.going():
        indices, pixels = next(batches)
        # The last tenth of the time shows pictures as cameras give them.
        settled = run.done > 0.9
        x, mine = pictures.floats(pixels), boxes.gather(rows, starts, indices)
        if settled:
            x, size = augment.camera(x, rng, 0.5).mul_(nets.SCALE), (height, width)
            mirrored = augment.some(rng, len(x), 0.5)
            scale, shift = torch.ones(len(x), 2), torch.zeros(len(x), 2)
            scale[mirrored, 0], shift[mirrored, 0] = -1.0, float(width)
            x, mine = augment.flip(x, mirrored), boxes.move(mine, scale, shift, size)
        else:
            x, mine, size = vary(x, mine, rng)
        with run.autocast():
            raw = net.raw(x)
        presence, kind, place, points = losses(raw, mine, cells[size], size)
        loss = presence + kind + 2.5 * place + points
        run.learn(loss, len(indices), presence=presence, kind=kind, place=place, points=points)
    best = run.finish()
    results = common.rounded(evaluate(best, val, labels))
    print(json.dumps(results, indent=1), flush=True)
    free = {"input": {2: "height", 3: "width"}, "output": {1: "cells"}}
    shape = (1, 3, height, width)
    common.write(run, best, args, "object-detection", {"train": train, "val": val}, shape, results, free, labels=labels)


if __name__ == "__main__":
    main()
