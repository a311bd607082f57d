"""
Trains the landmarks of a face: a detector gives them roughly, this finds them exactly, so that faces can be compared.

Data: `points.f32`, ten numbers for each picture: x and y of the eyes, the nose and the corners of the mouth, those on the
left of the picture first; `crop` in meta.json, the side of what the model sees.
"""

import json

import numpy as np
import torch
import torch.nn.functional as F

import augment
import common
import nets
import pictures

# How far a detector may be off: shift in pixels of the crop (eyes are 14 apart), logarithm of the scale, radians.
SHIFT, SCALE, TURN = 8.0, 0.22, 0.2
MIRRORED = [2, 3, 0, 1, 4, 5, 8, 9, 6, 7]


def cut(x, points, crop, rng):
    """Crops as a detector that errs would align them, and where the landmarks are in them, in parts of the crop."""
    n, side = len(x), x.shape[3]
    turn, zoom = augment.uniform(rng, -TURN, TURN, n), torch.exp(augment.uniform(rng, -SCALE, SCALE, n))
    # Mostly near, sometimes far.
    shift = augment.uniform(rng, -SHIFT, SHIFT, n, 2) * augment.uniform(rng, 0, 1, n, 1) ** 0.5
    cos, sin = torch.cos(turn) * zoom, torch.sin(turn) * zoom
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1], theta[:, 1, 0], theta[:, 1, 1] = cos, -sin, sin, cos
    theta *= crop / side
    theta[:, :, 2] = shift * 2 / side
    grid = F.affine_grid(theta, (n, 3, crop, crop), align_corners=False)
    x = F.grid_sample(x, grid, align_corners=False).contiguous(memory_format=torch.channels_last)
    # Pixels are named by their corner in the boxes of this house and by their middle here: half a pixel beside.
    off = points.view(n, 5, 2) + 0.5 - side / 2 - shift[:, None]
    square = zoom * zoom
    px = (off[..., 0] * cos[:, None] + off[..., 1] * sin[:, None]) / square[:, None]
    py = (-off[..., 0] * sin[:, None] + off[..., 1] * cos[:, None]) / square[:, None]
    told = (torch.stack([px, py], 2) - 0.5 + crop / 2).view(n, 10) / crop
    which = augment.some(rng, n, 0.5)
    if len(which):
        x = augment.flip(x, which)
        mirrored = told[which][:, MIRRORED]
        mirrored[:, 0::2] = (crop - 1) / crop - mirrored[:, 0::2]
        told[which] = mirrored
    return x, told


def evaluate(net, val, points, crop):
    """Mean distance of a landmark from the truth in distances of the eyes: of the detector that errs, and after it."""
    rng = augment.generator(2)
    before, after = [], []
    middle = torch.from_numpy(points).mean(0) - (val.width - crop) / 2
    for indices, x in pictures.in_order(val, 128):
        x, truth = cut(x, torch.from_numpy(points[indices]), crop, rng)
        with torch.no_grad():
            told = net(x.mul(nets.SCALE)).view(-1, 5, 2)
        truth = truth.view(-1, 5, 2)
        eyes = (truth[:, 1] - truth[:, 0]).norm(dim=1).clamp(min=5 / crop)
        rough = (middle / crop).view(1, 5, 2)
        before.append((rough - truth).norm(dim=2).mean(1) / eyes)
        after.append((told - truth).norm(dim=2).mean(1) / eyes)
    before, after = torch.cat(before), torch.cat(after)
    spread = {str(p): float(torch.quantile(after, p / 100)) for p in (50, 90, 99)}
    return {"pictures": len(after), "errorBefore": float(before.mean()), "error": float(after.mean()), "below": spread}


def main():
    args = common.options(__doc__, minutes=8, batch=64, rate=0.003).parse_args()
    args.id = args.id or "landmarks"
    common.prepare(args)
    train, val = pictures.Pictures(args.data, "train"), pictures.Pictures(args.data, "val")
    crop = int(train.meta["crop"])
    points, val_points = (part.per_picture("points.f32", np.float32, 10) for part in (train, val))
    eyes = float(np.hypot(points[:, 2] - points[:, 0], points[:, 3] - points[:, 1]).mean()) / crop
    net = common.start(nets.Landmarker(), args)
    run = common.Run(net, args)
    rng = augment.generator(args.seed)
    batches = pictures.endless(train, args.batch, args.seed)
    while run.going():
        indices, pixels = next(batches)
        x, aim = cut(pictures.floats(pixels), torch.from_numpy(points[indices]), crop, rng)
        x = augment.cover(augment.camera(x, rng, 0.5), rng, 0.1, 0.3)
        with run.autocast():
            told = net(x.mul_(nets.SCALE))
        loss = F.smooth_l1_loss(told.float() / eyes, aim / eyes, beta=0.03)
        run.learn(loss, len(x))
    best = run.finish()
    results = common.rounded(evaluate(best, val, val_points, crop))
    print(json.dumps(results), flush=True)
    common.write(run, best, args, "face-landmarks", {"train": train, "val": val}, (1, 3, crop, crop), results)


if __name__ == "__main__":
    main()
