"""
Changes of float pictures (n x 3 x h x w, 0..255) that a camera, its encoder or a passer-by could make. All work on
whole batches: a training step has a few milliseconds per picture, of which these take a tenth.
"""

import torch
import torch.nn.functional as F

_noise = {}


def uniform(rng, low, high, *shape):
    return torch.rand(*shape, generator=rng) * (high - low) + low


def some(rng, count, share):
    """Indices of a random `share` of the batch."""
    return (torch.rand(count, generator=rng) < share).nonzero().flatten()


def tones(x, rng, strength=1.0):
    """Brightness, contrast, bent curve and colour of the light, each picture its own. In place."""
    n = len(x)
    bend = uniform(rng, -0.9, 0.9, n, 1, 1, 1) * strength
    gain = 1 + (uniform(rng, -0.35, 0.3, n, 1, 1, 1) + uniform(rng, -0.1, 0.1, n, 3, 1, 1)) * strength
    lift = (uniform(rng, -0.1, 0.1, n, 1, 1, 1) + uniform(rng, -0.04, 0.04, n, 3, 1, 1)) * strength
    # x + bend * x * (1 - x) looks like a gamma curve and costs no power function.
    x.mul_(1 / 255)
    x.addcmul_(bend * x, 1 - x)
    return x.mul_(gain * 255).add_((lift + 0.5 * (1 - gain)) * 255)


def noise(x, rng, most=14.0):
    """Sensor noise. The numbers come from a fixed store read at a random place: drawing new ones takes longer."""
    size = x.numel()
    store = _noise.get("store")
    if store is None or store.numel() < size + 100_003:
        store = _noise["store"] = torch.randn(size + 100_003, generator=torch.Generator().manual_seed(7))
    at = int(torch.randint(0, store.numel() - size, (1,), generator=rng))
    n, c, h, w = x.shape
    grain = store[at : at + size].view(n, h, w, c).permute(0, 3, 1, 2)
    return x.addcmul_(grain, uniform(rng, 0, 1, n, 1, 1, 1) ** 2 * most)


def blur(x, rng, share=0.25):
    """Out of focus, moved, or scaled up from a small picture."""
    for kernel in ((3, 3), (5, 5), (1, 5), (5, 1)):
        which = some(rng, len(x), share / 6)
        if len(which):
            padding = (kernel[0] // 2, kernel[1] // 2)
            x[which] = F.avg_pool2d(x[which], kernel, 1, padding, count_include_pad=False)
    which = some(rng, len(x), share / 3)
    if len(which):
        size = x.shape[2:]
        factor = float(uniform(rng, 0.3, 0.8, 1))
        little = F.interpolate(x[which], scale_factor=factor, mode="bilinear", antialias=True)
        x[which] = F.interpolate(little, size=size, mode="bilinear")
    return x


def blocks(x, rng, share=0.25):
    """Blocks of 8 x 8 whose fine differences are rounded, as strong compression leaves them."""
    which = some(rng, len(x), share)
    height, width = x.shape[2] // 8 * 8, x.shape[3] // 8 * 8
    if len(which) == 0:
        return x
    part = x[which][:, :, :height, :width]
    flat = F.interpolate(F.avg_pool2d(part, 8), scale_factor=8, mode="nearest")
    step = uniform(rng, 6, 36, len(which), 1, 1, 1)
    x[which, :, :height, :width] = flat + torch.round((part - flat) / step) * step
    return x


def cover(x, rng, share=0.3, most=0.4):
    """A patch of one colour or of another picture's pixels, at most `most` of each side."""
    n, _, height, width = x.shape
    for i in some(rng, n, share).tolist():
        ph, pw = (max(2, int(side * float(uniform(rng, 0.08, most, 1)))) for side in (height, width))
        top = int(torch.randint(0, height - ph + 1, (1,), generator=rng))
        left = int(torch.randint(0, width - pw + 1, (1,), generator=rng))
        other = int(torch.randint(0, n, (1,), generator=rng))
        if other % 2:
            x[i, :, top : top + ph, left : left + pw] = uniform(rng, 0, 255, 3, 1, 1)
        else:
            x[i, :, top : top + ph, left : left + pw] = x[other, :, :ph, :pw].clone()
    return x


def dress(x, rng, share):
    """
    A cap drawn over the brow or a mask over mouth and nose of an aligned face, in one colour, each for `share` of the
    pictures: a face must be told by what is left of it. In place.
    """
    n, _, height, width = x.shape
    for i in some(rng, n, share).tolist():
        brim = float(uniform(rng, 0.2, 0.4, 1))
        x[i, :, : int(brim * height)] = uniform(rng, 20, 235, 3, 1, 1)
    for i in some(rng, n, share).tolist():
        nose, side = float(uniform(rng, 0.53, 0.68, 1)), float(uniform(rng, 0.08, 0.24, 1))
        x[i, :, int(nose * height) :, int(side * width) : int((1 - side) * width)] = uniform(rng, 20, 250, 3, 1, 1)
    return x


def flip(x, which):
    """Mirrors left and right of the pictures at these indices. In place."""
    if len(which):
        x[which] = x[which].flip(3)
    return x


def place(x, scale, shift, size, fill=114.0):
    """
    Scales and moves: a point p of the picture comes to `scale * p + shift` (n x 2 each, x then y, pixels) of an output
    of `size` (height, width); a negative scale mirrors. What lies outside the picture holds `fill`.
    """
    source = torch.tensor([x.shape[3], x.shape[2]], dtype=torch.float32)
    target = torch.tensor([size[1], size[0]], dtype=torch.float32)
    factor = target / (scale * source)
    offset = factor - 2 * shift / (scale * source) - 1
    theta = torch.zeros(len(x), 2, 3)
    theta[:, 0, 0], theta[:, 1, 1], theta[:, :, 2] = factor[:, 0], factor[:, 1], offset
    grid = F.affine_grid(theta, (len(x), 3, *size), align_corners=False)
    moved = F.grid_sample(x - fill, grid, align_corners=False) + fill
    return moved.contiguous(memory_format=torch.channels_last)


def jitter(x, rng, scale=0.08, shift=0.06, turn=0.0, share=0.6):
    """Small errors of the box a crop was cut by; `turn` in radians. Edges are repeated outward."""
    which = some(rng, len(x), share)
    n = len(which)
    if n == 0:
        return x
    angle = uniform(rng, -turn, turn, n)
    zoom = torch.exp(uniform(rng, -scale, scale, n, 2))
    ratio = x.shape[2] / x.shape[3]
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0], theta[:, 0, 1] = torch.cos(angle) * zoom[:, 0], -torch.sin(angle) * zoom[:, 0] * ratio
    theta[:, 1, 0], theta[:, 1, 1] = torch.sin(angle) * zoom[:, 1] / ratio, torch.cos(angle) * zoom[:, 1]
    theta[:, :, 2] = uniform(rng, -2 * shift, 2 * shift, n, 2)
    grid = F.affine_grid(theta, (n, *x.shape[1:]), align_corners=False)
    x[which] = F.grid_sample(x[which], grid, padding_mode="border", align_corners=False)
    return x


def camera(x, rng, strength=1.0):
    """Everything between the scene and the model: light, focus, noise, compression; ends as whole bytes 0..255."""
    x = tones(x, rng, strength)
    x = blur(x, rng, 0.25 * strength)
    x = noise(x, rng, 14.0 * strength)
    x = blocks(x, rng, 0.2 * strength)
    return x.clamp_(0, 255)


def generator(seed):
    return torch.Generator().manual_seed(seed * 7919 + 1)
