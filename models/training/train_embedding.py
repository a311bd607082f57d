"""
Trains the face embedding: an aligned face of 112 x 112 to 128 numbers whose direction says who it is.

Data: `identity.i32`, one number for each picture; optional `alike.i32`, for each identity the one made to resemble it
or -1; optional `traits.f32`, for each identity the numbers its face is drawn from (`traits` of meta.json names them);
optional `worn.i32`, for each picture whether a hat (1), a mask (2) or sunglasses (4) hide part of the face; optional
`shown.i32`, for each picture how many of brow, eyes, nose and mouth can be seen.
Identities of the parts of a set are different people. The people of val are not those of train.

Beside `train*` and `val*` the data may hold `aside*`: people of whom the network learns nothing. On them is measured in
which directions pictures of one person differ, which on those learnt from cannot be seen; see `Axes`.
"""

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

import augment
import common
import nets
import pictures

# Shares of wrong matches at which the share of right ones is told.
FALSE_RATES = (1e-2, 1e-3, 1e-4, 1e-5)
BINS = 40_000


def people(data):
    """Identity of every picture, and for every identity the one that resembles it or -1."""
    owners, alike, start = [], [], 0
    for part in data.parts:
        own = part.rows("identity.i32", np.int32)[:, 0].astype(np.int64)
        if len(own) != part.count or own.min() < 0:
            raise ValueError(f"{part.folder}/identity.i32 does not hold an identity for each picture")
        count = max(int(own.max()) + 1, int(part.meta.get("identities", 0)))
        file = part.folder / "alike.i32"
        twin = np.fromfile(file, np.int32).astype(np.int64) if file.exists() else np.full(count, -1)
        owners.append(own + start)
        alike.append(np.where(twin >= 0, twin + start, -1))
        start += count
    return np.concatenate(owners), np.concatenate(alike)


def traits_of(data):
    """What each identity is drawn from, each number with mean 0 and deviation 1 over the people; None without traits."""
    if any("traits" not in part.meta for part in data.parts):
        return None
    rows = np.concatenate([part.rows("traits.f32", np.float32, len(part.meta["traits"])) for part in data.parts])
    return torch.from_numpy((rows - rows.mean(0)) / np.maximum(rows.std(0), 1e-6))


class Traits(nn.Module):
    """
    Reads off an embedding what the face was drawn from. A margin among some thousand people teaches only what tells
    those apart; the numbers behind a face teach every picture all that there is to know of it.
    """

    def __init__(self, traits, dimension=128):
        super().__init__()
        self.traits = traits
        self.read = nn.Linear(dimension, traits.shape[1])

    def begin(self, embeddings, owners):
        """Reads what can already be read: least squares, with a little weight on small numbers."""
        with torch.no_grad():
            found = linear(embeddings, self.traits[owners])
            self.read.weight.copy_(found[:-1].T)
            self.read.bias.copy_(found[-1])

    def forward(self, embeddings, owners):
        """Mean squared error in parts of the deviation: 1 knows nothing. @return a number for each trait"""
        return (self.read(embeddings) - self.traits[owners]).square().mean(0)


def linear(embeddings, wanted):
    """How to read `wanted` off embeddings by least squares, with a little weight on small numbers: weights, then offsets."""
    rows = torch.cat([embeddings, torch.ones(len(embeddings), 1)], 1).double()
    square = rows.T @ rows + 1e-3 * len(rows) * torch.eye(rows.shape[1])
    return torch.linalg.solve(square, rows.T @ wanted.double()).float()


def legibility(net, aside, val):
    """
    How well each number a face is drawn from is read off the answers, learnt on `aside`: 1 exactly, 0 not at all. Of all
    pictures of `val`, and of those that show the whole face with nothing worn: what is not read there is not drawn plainly.
    """
    owners, known = people(val)[0], traits_of(val)
    found = linear(embeddings(net, aside), traits_of(aside)[people(aside)[0]])
    read = embeddings(net, val) @ found[:-1] + found[-1]
    off = (read - known[owners]).square()
    shown = val.per_picture("shown.i32", np.int32)[:, 0]
    clear = (val.per_picture("worn.i32", np.int32)[:, 0] == 0) & (shown == shown.max())
    names = val.parts[0].meta["traits"]
    return {
        name: {"all": 1 - float(off[:, n].mean()), "clear": 1 - float(off[clear, n].mean())}
        for n, name in enumerate(names)
    }


class Margin(nn.Module):
    """
    Additive angular margin (ArcFace, 2019): a face must be nearer to its own identity than to all others by `margin`
    radians. The margin grows from nothing, since a network that knows nothing yet cannot learn with it.

    A step compares with those in its batch, with whom they resemble, and with `rivals` of the others drawn by lot (as
    Partial FC does, 2020): it costs the same however many people there are, and learns as much.
    """

    def __init__(self, alike, rivals, dimension=128, scale=32.0):
        super().__init__()
        self.alike = torch.from_numpy(alike)
        self.rivals = rivals
        self.centres = nn.Parameter(torch.randn(len(alike), dimension) * 0.05)
        self.scale = scale

    def begin(self, embeddings, owners):
        """Puts everybody where their pictures are already, at the length of those drawn by lot."""
        with torch.no_grad():
            sums = torch.zeros_like(self.centres).index_add_(0, owners, F.normalize(embeddings))
            self.centres.copy_(F.normalize(sums) * 0.05 * self.centres.shape[1] ** 0.5)

    def present(self, owners, rng):
        """Whom this step compares with, in order, and at which place each picture's own identity stands among them."""
        twins = self.alike[owners]
        others = torch.randint(0, len(self.alike), (self.rivals,), generator=rng)
        chosen = torch.unique(torch.cat([owners, twins[twins >= 0], others]))
        return chosen, torch.searchsorted(chosen, owners)

    def forward(self, embeddings, owners, margin, rng):
        chosen, owners = self.present(owners, rng)
        rows = torch.arange(len(owners))
        a, b = F.normalize(embeddings), F.normalize(self.centres[chosen])
        # As a convolution: this torch multiplies matrices slowly where no fast BLAS is installed.
        cosine = F.conv2d(a[:, :, None, None], b[:, :, None, None]).flatten(1).clamp(-1 + 1e-6, 1 - 1e-6)
        own = cosine[rows, owners]
        wanted = torch.cos(torch.acos(own) + margin)
        # Beyond 180 degrees the cosine would grow again.
        wanted = torch.where(own > np.cos(np.pi - margin), wanted, own - margin * np.sin(margin))
        logits = (cosine * self.scale).index_put((rows, owners), wanted * self.scale)
        right = (cosine.detach().argmax(1) == owners).float().mean()
        return F.cross_entropy(logits, owners), right


class Axes:
    """
    Turns and stretches embeddings so that what differs between pictures of one person counts little and what differs
    between people counts much: linear discriminant analysis, with what it finds along each axis as the axis' weight.
    """

    def __init__(self, vectors, owners, rigour=2.0):
        """
        @param vectors not scaled to length 1, of several pictures of each of the `owners`
        @param rigour parts of the mean variance within people that is added to that of every direction: with few people
        one that seems steady may be so by chance. From 1.5 to 4, learnt on 1,500 people and measured on as many others,
        give the same.
        """
        vectors = vectors.double()
        _, place, counts = np.unique(owners, return_inverse=True, return_counts=True)
        place, counts = torch.from_numpy(place), torch.from_numpy(counts).double()
        means = torch.zeros(len(counts), vectors.shape[1], dtype=torch.double).index_add_(0, place, vectors)
        means /= counts[:, None]
        off = vectors - means[place]
        within = off.T @ off / (len(vectors) - len(counts))
        between = torch.cov(means.T) - within / counts.mean()
        within += rigour * within.diagonal().mean() * torch.eye(len(within))
        whiten = torch.linalg.cholesky(torch.linalg.inv(within))
        gain, turn = torch.linalg.eigh(whiten.T @ between @ whiten)
        gain = gain.clamp(min=0)
        self.matrix = (whiten @ turn * (gain / (gain + 1)).sqrt()).T.float()
        self.middle = vectors.mean(0).float()

    def into(self, net):
        """Moves the axes into the last layers of the network: as many weights, the same time."""
        norm = net.out_norm
        stretch = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        shift = norm.bias - norm.running_mean * stretch
        with torch.no_grad():
            net.out.weight.copy_(self.matrix @ (stretch[:, None] * net.out.weight))
            norm.bias.copy_(self.matrix @ (shift - self.middle))
            norm.weight.fill_(1)
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)


def rates(vectors, owners, alike, enrolled=None):
    """
    Compares every picture with every other by the cosine of their vectors.
    @param enrolled for each picture whether somebody could be enrolled with it; given, one of each pair is such a picture
    @return for each false rate the cosine from which that many pairs of strangers match, and what it finds.
    """
    edges = np.linspace(-1, 1, BINS + 1)
    same, twins, strangers = (np.zeros(BINS, np.int64) for _ in range(3))
    twin = alike[owners]
    for start in range(0, len(vectors), 500):
        block = slice(start, min(start + 500, len(vectors)))
        cosine = (vectors[block] @ vectors.T).numpy()
        cell = np.clip(((cosine + 1) / 2 * BINS).astype(np.int64), 0, BINS - 1)
        # Each pair once.
        later = np.arange(len(vectors))[None, :] > np.arange(block.start, block.stop)[:, None]
        if enrolled is not None:
            later &= enrolled[None, :] | enrolled[block][:, None]
        own = owners[None, :] == owners[block][:, None]
        near = (owners[None, :] == twin[block][:, None]) & ~own
        same += np.bincount(cell[later & own], minlength=BINS)
        twins += np.bincount(cell[later & near], minlength=BINS)
        strangers += np.bincount(cell[later & ~own], minlength=BINS)
    # Pairs at or above each edge; above a cosine of 1 there are none.
    sums = {"same": same, "twins": twins, "all": strangers}
    above = {name: np.append(np.cumsum(one[::-1])[::-1], 0) for name, one in sums.items()}
    table = []
    for rate in FALSE_RATES:
        # The lowest cosine at which no more strangers match; alike ones count as strangers, too.
        at = int(np.argmax(above["all"] <= rate * strangers.sum()))
        row = {"falseMatchRate": rate, "cosine": edges[at], "trueMatchRate": above["same"][at] / max(1, same.sum())}
        if twins.sum():
            row["falseMatchRateOfAlike"] = above["twins"][at] / twins.sum()
        table.append(row)
    equal = int(np.argmin(np.abs(above["all"] / strangers.sum() - (1 - above["same"] / max(1, same.sum())))))
    result = {
        "pairsOfSame": same.sum(),
        "pairsOfStrangers": strangers.sum(),
        "table": table,
        "equalErrorRate": above["all"][equal] / strangers.sum(),
        "cosineOfSame": spread(same, edges),
        "cosineOfStrangers": spread(strangers, edges),
    }
    if twins.sum():
        result["alike"] = {"pairs": twins.sum(), "cosine": spread(twins, edges)}
        at = int(np.argmax(above["twins"] <= 0.01 * twins.sum()))
        result["alike"]["trueMatchRateAtOnePercentOfAlike"] = above["same"][at] / max(1, same.sum())
    return result


def spread(counts, edges):
    """Cosines below which 1, 10, 50, 90 and 99 of a hundred pairs lie."""
    shares = np.cumsum(counts) / max(1, counts.sum())
    return {str(p): edges[int(np.searchsorted(shares, p / 100))] for p in (1, 10, 50, 90, 99)}


def identified(vectors, owners):
    """Share of pictures whose nearest among one picture of every identity is their own: a gallery of all."""
    _, first = np.unique(owners, return_index=True)
    probes = np.setdiff1d(np.arange(len(owners)), first)
    nearest = torch.cat([(vectors[part] @ vectors[first].T).argmax(1) for part in np.array_split(probes, 20)])
    return float((owners[first][nearest.numpy()] == owners[probes]).mean())


def embeddings(net, data):
    """Of every picture, not scaled to length 1."""
    with torch.no_grad():
        return torch.cat([net(x * nets.SCALE) for _, x in pictures.in_order(data, 128)])


def histograms(val):
    """What colours alone tell: shares of 8 x 8 x 8 colours; of their square roots a product compares two pictures."""
    found = []
    for start in range(0, len(val), 256):
        bytes_ = val.take(np.arange(start, min(start + 256, len(val)))) >> 5
        cell = (bytes_[..., 0].astype(np.int64) * 8 + bytes_[..., 1]) * 8 + bytes_[..., 2]
        cell = cell.reshape(len(cell), -1) + 512 * np.arange(len(cell))[:, None]
        found.append(np.bincount(cell.ravel(), minlength=512 * len(cell)).reshape(-1, 512))
    return F.normalize(torch.from_numpy(np.concatenate(found).astype(np.float32)).sqrt())


def evaluate(vectors, owners, alike):
    result = rates(vectors, owners, alike)
    result["rankOneOfAll"] = identified(vectors, owners)
    return result


def subset(owners, most):
    """At most so many pictures, since pairs grow with the square: as many of each identity, those that come first."""
    order = np.argsort(owners, kind="stable")
    _, first, counts = np.unique(owners[order], return_index=True, return_counts=True)
    rank = np.arange(len(owners)) - np.repeat(first, counts)
    return np.sort(order[np.argsort(rank, kind="stable")[:most]])


def results_of(net, val, most):
    """
    How well the people of `val` are told apart: all pictures, those on which less is hidden, and as a box compares: what it
    sees with a picture that was clear enough to be enrolled. Beside it what colours alone would tell.
    """
    own, alike = people(val)
    chosen = subset(own, most)
    vectors = F.normalize(embeddings(net, val))
    results = {"identities": len(np.unique(own[chosen])), "pictures": len(chosen)}
    results |= evaluate(vectors[chosen], own[chosen], alike)
    among = {}
    if "worn" in val.meta:
        among["nothingWorn"] = val.per_picture("worn.i32", np.int32)[:, 0] == 0
    if "enoughShown" in val.meta:
        shown = val.per_picture("shown.i32", np.int32)[:, 0]
        among["enoughShown"], among["allShown"] = shown >= int(val.meta["enoughShown"]), shown == shown.max()

    def told(some, **which):
        return {"pictures": len(some), **rates(vectors[some], own[some], alike, **which)}

    for name, which in among.items():
        results[name] = told(chosen[which[chosen]])
    if len(among) == 3:
        clear = among["nothingWorn"] & among["allShown"]
        enough = chosen[among["enoughShown"][chosen]]
        for name, some in (("enrolled", chosen), ("enrolledEnoughShown", enough)):
            results[name] = {"clear": clear[some].sum(), **told(some, enrolled=clear[some])}
    results["colourHistogram"] = evaluate(histograms(val)[chosen], own[chosen], alike)
    return results


def main():
    parser = common.options(__doc__, minutes=40, batch=96, rate=0.003)
    parser.add_argument("--margin", type=float, default=0.4, help="radians")
    parser.add_argument("--rivals", type=int, default=10_000, help="people drawn by lot that a step compares with")
    parser.add_argument("--traits", type=float, default=10.0, help="weight of what faces are drawn from")
    parser.add_argument("--pairs-of", type=int, default=12_000, help="pictures of val at most that are compared")
    args = parser.parse_args()
    args.id = args.id or "faces"
    common.prepare(args)
    train, val = pictures.Pictures(args.data, "train"), pictures.Pictures(args.data, "val")
    owners, twins = people(train)
    owners = torch.from_numpy(owners)
    net, head = common.start(nets.Embedder(), args), Margin(twins, args.rivals)
    traits = traits_of(train)
    reader = None if traits is None else Traits(traits)
    beside = [*head.parameters(), *(reader.parameters() if reader else [])]
    if args.start and args.minutes:
        net.keep_first()
        known = embeddings(net.eval(), train)
        net.settle(known)
        head.begin(known, owners)
        if reader:
            reader.begin(known, owners)
    run = common.Run(net, args, [{"params": beside, "weight_decay": 0.02}])
    rng = augment.generator(args.seed)
    batches = pictures.endless(train, args.batch, args.seed)
    while run.going():
        indices, pixels = next(batches)
        x = pictures.floats(pixels)
        # No mirroring: on which side somebody has a mole or a parting is part of who they are.
        # Detectors put landmarks a tenth of the eyes' distance beside where they are: the crop is turned and shifted.
        x = augment.jitter(x, rng, 0.06, 0.03, 0.06, 0.75)
        x = augment.cover(augment.camera(augment.dress(x, rng, 0.12), rng, 0.3), rng, 0.1, 0.2)
        with run.autocast():
            vectors = net(x.mul_(nets.SCALE))
        ripe = 1.0 if args.start else min(1.0, max(0.0, run.done - 0.05) / 0.3, run.step / 1000)
        loss, right = head(vectors.float(), owners[indices], args.margin * ripe, rng)
        told = {"right": right}
        if reader:
            unknown = reader(vectors.float(), owners[indices]).mean()
            loss, told["unknown"] = loss + args.traits * unknown, unknown
        run.learn(loss, len(x), **told)
    best = run.finish()
    data = {"train": train, "val": val}
    aside = pictures.Pictures(args.data, "aside") if next(Path(args.data).glob("aside*"), None) else None
    if aside:
        data["aside"] = aside
    # Learnt once: axes of an embedding that is turned already make it worse, and a training that goes on keeps them.
    if aside and run.step and not args.start:
        Axes(embeddings(best, aside), people(aside)[0]).into(best)
    results = results_of(best, val, args.pairs_of)
    if aside and {"traits", "worn", "enoughShown"} <= val.meta.keys():
        results["legibility"] = legibility(best, aside, val)
    results = common.rounded(results, 6)
    print(json.dumps(results, indent=1), flush=True)
    shape = (1, 3, train.height, train.width)
    common.write(run, best, args, "face-embedding", data, shape, results, dimension=128)


if __name__ == "__main__":
    main()
