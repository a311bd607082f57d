"""
The networks. Blocks are chosen for two kinds of processor work: training in bfloat16 with channels-last memory, and
inference in 32-bit floats on one core. There, dense 3 x 3 convolutions with few channels beat depthwise ones early in
the network, where memory is the limit; depthwise and 1 x 1 pay in the deep, small layers. No activation but ReLU.

All take RGB 0..255 as it is. The first convolution sees bytes times SCALE; `fold` moves that into its weights.
"""

import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

SCALE = 1 / 128


def conv(inside, outside, kernel=3, stride=1, groups=1, act=True):
    """Convolution, batch norm and ReLU; `kernel` may be (height, width)."""
    sides = (kernel, kernel) if isinstance(kernel, int) else kernel
    padding = tuple(side // 2 for side in sides)
    layers = [
        nn.Conv2d(inside, outside, sides, stride, padding, groups=groups, bias=False),
        nn.BatchNorm2d(outside),
    ]
    return nn.Sequential(*layers, nn.ReLU(inplace=True)) if act else nn.Sequential(*layers)


class Dense(nn.Module):
    """Residual: two 3 x 3 convolutions through `middle` channels."""

    def __init__(self, channels, middle):
        super().__init__()
        self.path = nn.Sequential(conv(channels, middle), conv(middle, channels, act=False))
        nn.init.zeros_(self.path[1][1].weight)

    def forward(self, x):
        return F.relu(x + self.path(x))


class Light(nn.Module):
    """Residual for deep layers: widen by 1 x 1, depthwise `kernel`, back by 1 x 1."""

    def __init__(self, channels, widen=2, kernel=3):
        super().__init__()
        wide = channels * widen
        self.path = nn.Sequential(
            conv(channels, wide, 1), conv(wide, wide, kernel, groups=wide), conv(wide, channels, 1, act=False)
        )
        nn.init.zeros_(self.path[2][1].weight)

    def forward(self, x):
        return x + self.path(x)


def down(inside, outside, widen=2):
    """Halves the sides in the deep layers: widen, depthwise with stride 2, 1 x 1."""
    wide = inside * widen
    return nn.Sequential(
        conv(inside, wide, 1), conv(wide, wide, 3, 2, groups=wide), conv(wide, outside, 1, act=False)
    )


class Detector(nn.Module):
    """
    Rows as YOLOX gives them, and five landmarks: [n, cells, 5 + classes + 10], the cells of strides 8, 16, 32 row by
    row; centre offset from the cell's corner and log size in strides, objectness, classes (0..1), then the landmarks'
    offsets from the cell's corner in strides. Height and width may be any multiples of 32.
    """

    STRIDES = (8, 16, 32)

    def __init__(self, classes, width=64):
        super().__init__()
        self.classes = classes
        self.first = conv(3, 16, 3, 2)
        self.quarter = nn.Sequential(conv(16, 32, 3, 2), Dense(32, 16))
        self.eighth = nn.Sequential(conv(32, 64, 3, 2), Dense(64, 32), Dense(64, 32))
        self.sixteenth = nn.Sequential(conv(64, 96, 3, 2), Dense(96, 48), Light(96))
        self.last = nn.Sequential(down(96, 128), Light(128, 1), Light(128, 1))
        self.lateral = nn.ModuleList([conv(c, width, 1) for c in (64, 96, 128)])
        self.mix = nn.ModuleList([self.tower(width) for _ in range(2)])
        self.boxes = nn.ModuleList([self.tower(width) for _ in self.STRIDES])
        self.kinds = nn.ModuleList([self.tower(width) for _ in self.STRIDES])
        self.box_out = nn.ModuleList([nn.Conv2d(width, 15, 1) for _ in self.STRIDES])
        self.kind_out = nn.ModuleList([nn.Conv2d(width, classes, 1) for _ in self.STRIDES])
        for box, kind in zip(self.box_out, self.kind_out):
            # The mean object is some four strides large; nearly all cells are empty; a class is one of many.
            nn.init.normal_(box.weight, std=0.01)
            nn.init.normal_(kind.weight, std=0.01)
            box.bias.data.copy_(torch.tensor([0.5, 0.5, 1.2, 1.2, -5.0] + [0.0] * 10))
            nn.init.constant_(kind.bias, -2.0)

    @staticmethod
    def tower(width):
        return nn.Sequential(conv(width, width, 3, groups=width), conv(width, width, 1))

    def features(self, x):
        eighth = self.eighth(self.quarter(self.first(x)))
        sixteenth = self.sixteenth(eighth)
        last = self.lateral[2](self.last(sixteenth))
        middle = self.mix[1](self.lateral[1](sixteenth) + F.interpolate(last, scale_factor=2.0, mode="nearest"))
        fine = self.mix[0](self.lateral[0](eighth) + F.interpolate(middle, scale_factor=2.0, mode="nearest"))
        return fine, middle, last

    def raw(self, x):
        """[n, cells, 15 + classes]: box and objectness, landmarks, classes, all before their functions."""
        rows = []
        for level, feature in enumerate(self.features(x)):
            box, kind = self.boxes[level](feature), self.kinds[level](feature)
            # The last layer in full precision: bfloat16 knows too few places within a stride.
            with torch.autocast("cpu", enabled=False):
                out = torch.cat([self.box_out[level](box.float()), self.kind_out[level](kind.float())], 1)
            rows.append(out.flatten(2))
        return torch.cat(rows, 2).transpose(1, 2)

    def forward(self, x):
        raw = self.raw(x)
        scores = torch.sigmoid(torch.cat([raw[..., 4:5], raw[..., 15:]], 2))
        return torch.cat([raw[..., :4], scores, landmarks(raw)], 2)


def landmarks(raw, size=None):
    """Landmarks in strides from the cell's corner: raw ones are parts of the box, from its centre."""
    size = torch.exp(raw[..., 2:4]) if size is None else size
    return raw[..., :2].repeat(1, 1, 5) + raw[..., 5:15] * size.repeat(1, 1, 5)


class Embedder(nn.Module):
    """112 x 112 to 128 numbers; their length means nothing."""

    def __init__(self, dimension=128, deep=160):
        super().__init__()
        self.first = conv(3, 32, 3, 2)
        self.trunk = nn.Sequential(
            conv(32, 64, 3, 2), Dense(64, 32), Dense(64, 32),
            conv(64, 96, 3, 2), Dense(96, 48), Dense(96, 32),
            down(96, 128), Light(128), Light(128, 1),
            conv(128, deep, 1),
        )  # fmt: skip
        # Each place of the aligned face has its own weight, unlike in a mean over all places.
        self.places = nn.Parameter(torch.randn(1, deep, 7, 7) / 7)
        self.norm = nn.BatchNorm1d(deep)
        self.out = nn.Linear(deep, dimension, bias=False)
        self.out_norm = nn.BatchNorm1d(dimension)

    def keep_first(self):
        """The first two layers learn nothing more: edges are what they were, and a training takes a quarter less."""
        for part in (self.first, self.trunk[0]):
            part.requires_grad_(False)

    def settle(self, answers):
        """
        The last batch norm learns what its numbers are like, `answers` being those of the net as it stands: a net whose axes
        were turned and stretched would lose that in a training, which makes all of them as wide.
        """
        norm, middle, width = self.out_norm, answers.mean(0), answers.std(0)
        with torch.no_grad():
            unit = torch.sqrt(norm.running_var + norm.eps) / norm.weight
            norm.running_mean.add_((middle - norm.bias) * unit)
            norm.running_var.copy_((width * unit) ** 2)
            norm.weight.copy_(torch.sqrt(norm.running_var + norm.eps) / unit)
            norm.bias.copy_(middle)

    def forward(self, x):
        x = self.trunk(self.first(x))
        with torch.autocast("cpu", enabled=False):
            x = self.norm((x.float() * self.places).sum((2, 3)))
            return self.out_norm(self.out(x))


class Landmarker(nn.Module):
    """A roughly aligned face, 80 x 80, to x and y of its five landmarks in parts of the crop: [n, 10]."""

    def __init__(self):
        super().__init__()
        self.first = conv(3, 16, 3, 2)
        self.trunk = nn.Sequential(
            conv(16, 32, 3, 2), Dense(32, 32), conv(32, 48, 3, 2), Dense(48, 32), conv(48, 64, 3, 2), Light(64)
        )
        self.mix = nn.Linear(64 * 25, 96)
        self.out = nn.Linear(96, 10)

    def forward(self, x):
        x = self.trunk(self.first(x))
        with torch.autocast("cpu", enabled=False):
            return 0.5 + self.out(F.relu(self.mix(x.float().flatten(1))))


class Attributes(nn.Module):
    """
    One trunk, many heads: the answers of all heads one after the other. `sizes` holds the number of values of each
    head, 1 for a number. Trained on `logits`; the graph that is exported gives probabilities and plain numbers.

    Each head looks where its answer stands: a weight for every place, of what is seen there and of where that is, so
    that the shoes' colour comes from the shoes. What the whole picture says is added to it. On a body straps, glasses
    and collars are small: there the heads look at cells of 8 pixels, of which the deep layers tell what is around them.
    """

    TRUNKS = {
        "face": (16, 64, 96, 128),
        "body": (16, 64, 96, 128),
        "liveness": (16, 32, 64, 96),
    }
    FINE = ("body",)
    # These answer with the mean of what they say of the picture and of its mirror image: twice the time.
    MIRRORED = ("body",)
    # Layers of the trunk at strides of up to 8.
    EARLY = 6

    def __init__(self, kind, sizes, numbers, shape, seen=144, whole=96):
        """`shape`: height and width of the pictures, whole multiples of 16."""
        super().__init__()
        a, b, c, d = self.TRUNKS[kind]
        self.sizes, self.numbers = list(sizes), list(numbers)
        self.mirrored = kind in self.MIRRORED
        self.first = conv(3, a, 3, 2)
        self.trunk = nn.Sequential(
            conv(a, b, 3, 2), Dense(b, b // 2), Dense(b, b // 2),
            conv(b, c, 3, 2), Dense(c, c // 2), Light(c, 1),
            down(c, d), Light(d), Light(d, 1), conv(d, seen, 1),
        )  # fmt: skip
        heads, values = len(self.sizes), sum(self.sizes)
        self.look = nn.Conv2d(seen, heads, 1)
        stride = 8 if kind in self.FINE else 16
        self.fine = nn.Conv2d(c, seen, 1) if stride == 8 else None
        self.places = nn.Parameter(torch.zeros(1, heads, shape[0] // stride, shape[1] // stride))
        self.register_buffer("head", torch.repeat_interleave(torch.arange(heads), torch.tensor(self.sizes)))
        self.tell = nn.Parameter(torch.randn(1, values, seen) * 0.02)
        self.drop = nn.Dropout(0.1)
        # The mean over the picture and, for small things, the largest value.
        self.mix = nn.Linear(2 * seen, whole)
        self.out = nn.Linear(whole, values)

    def keep_first(self):
        """The layers at strides of up to 4, half of the work, learn nothing more: edges and colours are what they were."""
        for part in (self.first, *self.trunk[:3]):
            part.requires_grad_(False)

    def fit(self, arrays):
        """Weights of such a net whose heads looked at cells of 16 pixels, made ones that answer the same at 8. In place."""
        if self.fine is None or "fine.weight" in arrays:
            return
        arrays["fine.weight"] = torch.zeros_like(self.fine.weight)
        arrays["fine.bias"] = torch.zeros_like(self.fine.bias)
        arrays["places"] = F.interpolate(arrays["places"], scale_factor=2.0, mode="nearest")

    def logits(self, x):
        early = self.trunk[: self.EARLY](self.first(x))
        deep = self.trunk[self.EARLY :](early)
        near = deep
        if self.fine is not None:
            near = F.relu(self.fine(early) + F.interpolate(deep, scale_factor=2.0, mode="nearest"))
        with torch.autocast("cpu", enabled=False):
            near, deep = near.float(), deep.float()
            weights = F.softmax((self.look(near) + self.places).flatten(2), 2)
            found = torch.matmul(weights, near.flatten(2).transpose(1, 2))
            own = (self.drop(found[:, self.head]) * self.tell).sum(2)
            whole = F.relu(self.mix(torch.cat([deep.mean((2, 3)), deep.amax((2, 3))], 1)))
            return own + self.out(self.drop(whole))

    def forward(self, x):
        if not self.mirrored:
            return self.told(x)
        straight, mirrored = torch.chunk(self.told(torch.cat([x, x.flip(3)])), 2)
        return (straight + mirrored) / 2

    def told(self, x):
        parts = torch.split(self.logits(x), self.sizes, 1)
        return torch.cat([p if n else F.softmax(p, 1) for p, n in zip(parts, self.numbers)], 1)


class PlateReader(nn.Module):
    """128 x 32 to 32 columns: [n, 32, 1 + characters] probabilities, the last of each column meaning no character."""

    def __init__(self, characters):
        super().__init__()
        self.first = conv(3, 24, 3, 2)
        self.trunk = nn.Sequential(
            Dense(24, 24), conv(24, 48, 3, 2), Dense(48, 32), Dense(48, 32),
            conv(48, 80, 3, (2, 1)), Dense(80, 40),
            nn.Conv2d(80, 112, (4, 1), bias=False), nn.BatchNorm2d(112), nn.ReLU(inplace=True),
            Light(112, 2, (1, 5)), Light(112, 2, (1, 5)),
        )  # fmt: skip
        self.drop = nn.Dropout(0.1)
        self.out = nn.Conv2d(112, characters + 1, 1)

    def logits(self, x):
        x = self.trunk(self.first(x))
        with torch.autocast("cpu", enabled=False):
            return self.out(self.drop(x.float())).squeeze(2).transpose(1, 2)

    def forward(self, x):
        return F.softmax(self.logits(x), 2)


def fold(net):
    """A copy for inference that takes bytes 0..255: the scale goes into the first weights, exact also at the edges."""
    folded = copy.deepcopy(net).float().eval().to(memory_format=torch.contiguous_format)
    folded.first[0].weight.data.mul_(SCALE)
    return folded


def parameters(net):
    return sum(p.numel() for p in net.parameters())
