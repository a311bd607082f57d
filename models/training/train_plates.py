"""
Trains the plate reader: a plate's picture, 128 x 32, to the characters on it.

Data: `text.json` (a list of strings, one for each picture), `alphabet` in meta.json.
Answer: [1, 32, 1 + characters] probabilities, from left to right; the last of each column means no character. Read it
by taking the best of each column, then dropping repeats, then dropping "no character".
"""

import json

import torch
import torch.nn.functional as F

import augment
import common
import nets
import pictures


def texts(data):
    lists = [json.loads((part.folder / "text.json").read_text()) for part in data.parts]
    for part, one in zip(data.parts, lists):
        if len(one) != part.count:
            raise ValueError(f"{part.folder}/text.json has {len(one)} texts for {part.count} pictures")
    return sum(lists, [])


def read(probabilities, alphabet):
    """Texts and their confidence: the least of the best probabilities of the columns that gave a character."""
    found = []
    for best, score in zip(probabilities.argmax(2).tolist(), probabilities.amax(2).tolist()):
        text, least, last = "", 1.0, len(alphabet)
        for at, p in zip(best, score):
            if at != len(alphabet):
                least = min(least, p)
                text += alphabet[at] if at != last else ""
            last = at
        found.append((text, least))
    return found


def distance(a, b):
    """Characters to change, add or leave out to make one text of the other (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (one != other))
    return row[-1]


def evaluate(net, val, truth, alphabet):
    right = errors = letters = 0
    confident = {"count": 0, "right": 0}
    wrong = []
    with torch.no_grad():
        for indices, x in pictures.in_order(val, 256):
            for index, (text, score) in zip(indices, read(net(x * nets.SCALE), alphabet)):
                want = truth[index]
                right += text == want
                errors += distance(text, want)
                letters += len(want)
                confident["count"] += score >= 0.9
                confident["right"] += score >= 0.9 and text == want
                if text != want and len(wrong) < 12:
                    wrong.append([want, text, round(score, 3)])
    return {
        "pictures": len(val),
        "exact": right / len(val),
        "characterErrorRate": errors / max(1, letters),
        "scoreOver0.9": {
            "share": confident["count"] / len(val),
            "exact": confident["right"] / max(1, confident["count"]),
        },
        "someErrors": wrong,
    }


def main():
    args = common.options(__doc__, minutes=8, batch=128, rate=0.004).parse_args()
    args.id = args.id or "plates"
    common.prepare(args)
    train, val = pictures.Pictures(args.data, "train"), pictures.Pictures(args.data, "val")
    alphabet = list(train.meta["alphabet"])
    truth = {"train": texts(train), "val": texts(val)}
    codes = [torch.tensor([alphabet.index(letter) for letter in text]) for text in truth["train"]]
    net = common.start(nets.PlateReader(len(alphabet)), args)
    run = common.Run(net, args)
    rng = augment.generator(args.seed)
    batches = pictures.endless(train, args.batch, args.seed)
    while run.going():
        indices, pixels = next(batches)
        x = augment.jitter(pictures.floats(pixels), rng, 0.06, 0.03, 0.04)
        x = augment.cover(augment.camera(x, rng), rng, 0.1, 0.2)
        with run.autocast():
            logits = net.logits(x.mul_(nets.SCALE))
        wanted = [codes[i] for i in indices]
        lengths = torch.tensor([len(code) for code in wanted])
        columns = torch.full_like(lengths, logits.shape[1])
        log = F.log_softmax(logits.float(), 2).transpose(0, 1)
        loss = F.ctc_loss(log, torch.cat(wanted), columns, lengths, blank=len(alphabet), zero_infinity=True)
        run.learn(loss, len(x))
    best = run.finish()
    results = common.rounded(evaluate(best, val, truth["val"], alphabet))
    print(json.dumps(results), flush=True)
    shape = (1, 3, train.height, train.width)
    common.write(run, best, args, "plate-reading", {"train": train, "val": val}, shape, results, alphabet=alphabet)


if __name__ == "__main__":
    main()
