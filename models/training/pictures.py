"""Data sets as the writers leave them: flat files, memory-mapped, in folders `train*` and `val*` of one data folder."""

import json
import queue
import threading
from pathlib import Path

import numpy as np
import torch


class Part:
    """One folder: `meta.json` and `images.u8` (count x height x width x 3 bytes RGB), and files of the same count."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.meta = json.loads((self.folder / "meta.json").read_text())
        self.count, self.height, self.width = (int(self.meta[key]) for key in ("count", "height", "width"))
        size = self.count * self.height * self.width * 3
        if (self.folder / "images.u8").stat().st_size != size:
            raise ValueError(f"{self.folder}/images.u8 is not {size} bytes, as its meta.json says")
        shape = (self.count, self.height, self.width, 3)
        self.images = np.memmap(self.folder / "images.u8", np.uint8, "r", shape=shape)

    def rows(self, name, kind, columns=1):
        """The flat file `name` as rows of `columns` numbers."""
        flat = np.fromfile(self.folder / name, kind)
        if flat.size % columns:
            raise ValueError(f"{self.folder}/{name} does not hold rows of {columns}")
        return flat.reshape(-1, columns)


class Pictures:
    """All parts whose folder's name begins with `prefix`, as one list; writers may split a set into several parts."""

    def __init__(self, data, prefix):
        folders = sorted(meta.parent for meta in Path(data).glob(f"{prefix}*/meta.json"))
        if not folders:
            raise FileNotFoundError(f"no folder {prefix}* with a meta.json in {data}")
        self.parts = [Part(folder) for folder in folders]
        self.meta = self.parts[0].meta
        self.height, self.width = self.parts[0].height, self.parts[0].width
        for part in self.parts:
            if (part.height, part.width) != (self.height, self.width):
                raise ValueError(f"{part.folder} has pictures of another size than {folders[0]}")
        self.starts = np.cumsum([0] + [part.count for part in self.parts])

    def __len__(self):
        return int(self.starts[-1])

    def per_picture(self, name, kind, columns=1):
        """One row for each picture. @raises ValueError when a part has another number of rows."""
        tables = [part.rows(name, kind, columns) for part in self.parts]
        for part, table in zip(self.parts, tables):
            if len(table) != part.count:
                raise ValueError(f"{part.folder}/{name} has {len(table)} rows for {part.count} pictures")
        return np.concatenate(tables)

    def take(self, indices):
        """Bytes of these pictures, n x height x width x 3."""
        out = np.empty((len(indices), self.height, self.width, 3), np.uint8)
        owners = np.searchsorted(self.starts, indices, side="right") - 1
        for n, (part, index) in enumerate(zip(owners, indices)):
            out[n] = self.parts[part].images[index - self.starts[part]]
        return out

    def describe(self):
        """What a card says of the data: the parts' own words without their long lists."""
        return [{"part": part.folder.name, **short(part.meta)} for part in self.parts]


def short(meta):
    return {key: value for key, value in meta.items() if not (isinstance(value, (list, dict)) and len(value) > 64)}


def floats(pixels):
    """Bytes n x h x w x 3 as float planes n x 3 x h x w, 0..255, in channels-last memory: nothing changes places."""
    return torch.from_numpy(pixels).permute(0, 3, 1, 2).float()


def endless(pictures, batch, seed, ahead=3, order=None):
    """
    Batches without end: (indices, bytes), every picture once per round, read by a thread that stays `ahead` batches
    in front. The thread only reads; arithmetic stays on the main thread, whose kernels already use all cores.
    `order(rng)` gives the indices of one round where not every picture is to come once.
    """
    made = queue.Queue(ahead)

    def fill():
        try:
            rng = np.random.default_rng(seed)
            left = np.empty(0, np.int64)
            while True:
                while len(left) < batch:
                    left = np.concatenate([left, order(rng) if order else rng.permutation(len(pictures))])
                indices, left = left[:batch], left[batch:]
                made.put((indices, pictures.take(indices)))
        except Exception as error:
            made.put(error)

    threading.Thread(target=fill, daemon=True).start()
    while True:
        item = made.get()
        if isinstance(item, Exception):
            raise item
        yield item


def in_order(pictures, batch):
    """Every picture once: (indices, float planes)."""
    for start in range(0, len(pictures), batch):
        indices = np.arange(start, min(start + batch, len(pictures)))
        yield indices, floats(pictures.take(indices))
