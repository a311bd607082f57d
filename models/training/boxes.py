"""Boxes of the detector's training: reading them, moving them with their pictures, giving each its cells, scoring."""

import numpy as np
import torch

COLUMNS = 17
IMAGE, KIND, BOX, VISIBLE, POINTS = 0, 1, slice(2, 6), 6, slice(7, 17)
# Left and right change places in a mirror: eyes and corners of the mouth; the nose stays.
MIRRORED = [2, 3, 0, 1, 4, 5, 8, 9, 6, 7]


def load(data):
    """Rows of all parts (see COLUMNS) in the order of their pictures, and where each picture's rows begin."""
    tables = []
    for part, start in zip(data.parts, data.starts):
        rows = part.rows("boxes.f32", np.float32, COLUMNS).astype(np.float32)
        rows[:, IMAGE] += start
        tables.append(rows)
    rows = np.concatenate(tables)
    rows = rows[np.argsort(rows[:, IMAGE], kind="stable")]
    return rows, np.searchsorted(rows[:, IMAGE], np.arange(len(data) + 1))


def gather(rows, starts, indices):
    """Rows of these pictures; column IMAGE becomes the place in the batch."""
    parts = []
    for n, index in enumerate(indices):
        part = rows[starts[index] : starts[index + 1]].copy()
        part[:, IMAGE] = n
        parts.append(part)
    return torch.from_numpy(np.concatenate(parts)) if parts else torch.zeros(0, COLUMNS)


def move(rows, scale, shift, size):
    """
    The boxes after `augment.place` with the same `scale` and `shift` (of each picture, n x 2), cut at the edges of an
    output of `size` (height, width). What hardly anything is left of goes; `visible` falls by what was cut off.
    """
    image = rows[:, IMAGE].long()
    s, t = scale[image], shift[image]
    rows = rows.clone()
    corners = rows[:, BOX] * s.repeat(1, 2) + t.repeat(1, 2)
    points = rows[:, POINTS] * s.repeat(1, 5) + t.repeat(1, 5)
    mirrored = s[:, 0] < 0
    corners[mirrored] = corners[mirrored][:, [2, 1, 0, 3]]
    points[mirrored] = points[mirrored][:, MIRRORED]
    before = area(corners)
    limit = torch.tensor([size[1], size[0]] * 2, dtype=torch.float32)
    corners = torch.minimum(corners.clamp(min=0), limit)
    rows[:, BOX], rows[:, POINTS] = corners, points
    rows[:, VISIBLE] *= area(corners) / before.clamp(min=1e-6)
    side = torch.minimum(corners[:, 2] - corners[:, 0], corners[:, 3] - corners[:, 1])
    # Too small to be learnt, but no background either.
    rows[side < 4, VISIBLE] = 0.0
    return rows[side > 1]


def grid(size, strides):
    """Column, row and stride of every cell, in the order of the detector's rows."""
    cells = []
    for stride in strides:
        y, x = torch.meshgrid(torch.arange(size[0] // stride), torch.arange(size[1] // stride), indexing="ij")
        cells.append(torch.stack([x.flatten(), y.flatten(), torch.full_like(x.flatten(), stride)], 1))
    return torch.cat(cells).float()


def corners(raw, cells):
    """Boxes in pixels from centre offsets and log sizes in strides."""
    stride = cells[..., 2:3]
    centre = (cells[..., :2] + raw[..., :2]) * stride
    half = torch.exp(raw[..., 2:4].clamp(max=6)) * stride / 2
    return torch.cat([centre - half, centre + half], -1)


def overlap(a, b, general=False):
    """Intersection over union of boxes side by side; `general` subtracts the part of the hull neither covers."""
    common = (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    size_a, size_b = (a[..., 2:] - a[..., :2]).prod(-1), (b[..., 2:] - b[..., :2]).prod(-1)
    union = (size_a + size_b - common).clamp(min=1e-6)
    if not general:
        return common / union
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1).clamp(min=1e-6)
    return common / union - (hull - union) / hull


def assign(raw, rows, cells, size, strides, reach=1, most=9):
    """
    Gives every object the cells that shall find it, after SimOTA (YOLOX, 2021): of the cells around its centre at all
    strides those that already find it best, more of them the better they do; a cell serves one object only.

    @param raw the network's raw rows, without gradient. @param rows the objects to find.
    @return picture, cell and object of every pair.
    """
    box = rows[:, BOX]
    image, kind = rows[:, IMAGE].long(), rows[:, KIND].long()
    middle, sides = (box[:, :2] + box[:, 2:]) / 2, (box[:, 2:] - box[:, :2]).clamp(min=1e-3)
    offsets = torch.arange(-reach, reach + 1)
    step_y, step_x = (one.flatten() for one in torch.meshgrid(offsets, offsets, indexing="ij"))
    places, valid, start = [], [], 0
    for stride in strides:
        wide, high = size[1] // stride, size[0] // stride
        x = (middle[:, :1] / stride).floor().long() + step_x
        y = (middle[:, 1:] / stride).floor().long() + step_y
        valid.append((x >= 0) & (x < wide) & (y >= 0) & (y < high))
        places.append(start + y.clamp(0, high - 1) * wide + x.clamp(0, wide - 1))
        start += wide * high
    place, valid = torch.cat(places, 1), torch.cat(valid, 1)
    near, found = cells[place], raw[image[:, None], place]
    iou = overlap(corners(found, near), box[:, None]) * valid
    certain = torch.sigmoid(found[..., 4]) * torch.sigmoid(
        found[..., 15:].gather(2, kind[:, None, None].expand(-1, place.shape[1], 1)).squeeze(2)
    )
    # An object of four strides is what a stride sees best; centres outside the object are the last choice.
    fit = (torch.log2(sides.prod(1).sqrt()[:, None] / near[..., 2]) - 2).abs()
    centre = (near[..., :2] + 0.5) * near[..., 2:3]
    outside = ((centre < box[:, None, :2]) | (centre > box[:, None, 2:])).any(2)
    cost = -0.5 * torch.log(certain + 1e-6) - 3 * torch.log(iou + 1e-3) + fit + 3 * outside + 1e4 * ~valid
    wanted = iou.topk(min(most, iou.shape[1]), 1)[0].sum(1).round().clamp(1, most)
    rank = cost.argsort(1).argsort(1)
    taken = (rank < wanted[:, None]) & valid
    which, candidate = taken.nonzero(as_tuple=True)
    # The last writer of a cell keeps it: an object's best cell before others' further ones, or small things that share
    # their cells with larger ones (a helmet with its face) would never be learnt; then the object it costs least.
    order = torch.argsort(cost[which, candidate] + 1e3 * (rank[which, candidate] > 0), descending=True)
    which, candidate = which[order], candidate[order]
    owner = np.full((len(raw), raw.shape[1]), -1, np.int64)
    owner[image[which].numpy(), place[which, candidate].numpy()] = which.numpy()
    pictures, cell = np.nonzero(owner >= 0)
    return torch.from_numpy(pictures), torch.from_numpy(cell), torch.from_numpy(owner[pictures, cell])


def suppress(box, score, least=0.45):
    """Indices of the boxes that stay, best first, where overlapping ones give way to better ones."""
    order = np.argsort(-score, kind="stable")[:500]
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[overlaps(box[best : best + 1], box[order])[0] <= least] if len(order) else order
    return np.array(kept, np.int64)


def common_area(a, b):
    """Pixels that every box of a has in common with every box of b."""
    low, high = np.maximum(a[:, None, :2], b[None, :, :2]), np.minimum(a[:, None, 2:], b[None, :, 2:])
    return np.clip(high - low, 0, None).prod(2)


def area(a):
    """Of boxes whose corners are in order; tensors and arrays."""
    return (a[:, 2:] - a[:, :2]).prod(1)


def overlaps(a, b):
    """Intersection over union of every box of a with every box of b."""
    common = common_area(a, b)
    return common / np.maximum(area(a)[:, None] + area(b)[None] - common, 1e-6)


def within(a, b):
    """Part of every box of a that lies in each box of b."""
    return common_area(a, b) / np.maximum(area(a)[:, None], 1e-6)


def match(found, score, must, ignored, least=0.5):
    """
    Pairs the detections of one picture and class with its objects, best score first, each object once. What is to be
    ignored is a region, as COCO has it for crowds: a detection that mostly lies in one does not count.
    @return for every detection the object found, -1 a false one, -2 one that does not count.
    """
    result = np.full(len(found), -1, np.int64)
    if len(found) == 0:
        return result
    free = np.ones(len(must), bool)
    with_must, with_ignored = overlaps(found, must), within(found, ignored)
    for n in np.argsort(-score, kind="stable"):
        options = np.where(free & (with_must[n] >= least), with_must[n], -1.0) if len(must) else np.empty(0)
        if len(options) and options.max() >= 0:
            result[n] = options.argmax()
            free[result[n]] = False
        elif len(ignored) and with_ignored[n].max() >= least:
            result[n] = -2
    return result


def average_precision(scores, right, total):
    """Area under the precision that can still be had at each recall."""
    if total == 0:
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(right[order])
    precision = hits / np.arange(1, len(hits) + 1)
    best = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(np.concatenate([[0], hits])) / total
    return float((best * steps).sum())
