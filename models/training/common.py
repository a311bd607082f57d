"""What all trainings share: options, a schedule over time, averaged weights, the ONNX file and its card."""

import argparse
import copy
import json
import math
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np
import torch

import nets
import weights

REPORT_EVERY = 15


def options(task, minutes, batch, rate):
    """The command line every training has; a training adds its own."""
    parser = argparse.ArgumentParser(description=task)
    parser.add_argument("--data", required=True, help="folder that holds train*/ and val*/")
    parser.add_argument("--out", required=True, help="folder for the model and its card")
    parser.add_argument("--id", help="name of the model and of both files")
    parser.add_argument("--minutes", type=float, default=minutes, help=f"of work of each thread, default {minutes}")
    parser.add_argument("--steps", type=int, help="train this many steps instead of minutes: the same on every run")
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--from", dest="start", help="ONNX file to go on from; with --minutes 0 it is measured anew")
    parser.add_argument("--sample", action="store_true", help="also write an input and its answer, to check a runtime")
    return parser


def prepare(args):
    """Seeds, threads, folder. Starts the command anew where the environment does not yet say how threads wait."""
    if "OMP_WAIT_POLICY" not in os.environ:
        # Threads that wait by spinning make a training five times slower as soon as anything else wants a core. The
        # settings are read when torch is loaded, so they cannot be made any later than here for the next start.
        os.environ["OMP_WAIT_POLICY"] = "passive"
        if wide_registers():
            # Torch takes only half of the width on its own: 8 % slower.
            os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")
        os.execv(sys.executable, [sys.executable, *sys.argv])
    torch.manual_seed(args.seed)
    np.random.seed(args.seed)
    torch.set_num_threads(args.threads)
    # Numbers next to nothing cost a processor a hundred times as much as others.
    torch.set_flush_denormal(True)
    Path(args.out).mkdir(parents=True, exist_ok=True)


def processor():
    """What the processor says it knows; nothing where nobody says."""
    try:
        return set(Path("/proc/cpuinfo").read_text().split())
    except OSError:
        return set()


def wide_registers():
    """Whether the processor knows all of AVX-512 that torch is built for."""
    return {"avx512f", "avx512dq", "avx512bw", "avx512vl"} <= processor()


def knows_bfloat16():
    """Whether the processor has instructions for bfloat16; without them it takes twenty times as long as 32 bits."""
    return not processor().isdisjoint({"avx512_bf16", "amx_bf16", "bf16"})


def start(net, args):
    """The network, with the weights of the file to go on from where one is named."""
    return weights.resume(net, args.start) if args.start else net


class Run:
    """
    One training: steps until its threads have worked for the minutes they were given (waiting for a core that does
    something else does not count, so a busy machine makes a training longer, but not worse), the learning rate rising for a moment and then falling as a cosine to
    nearly nothing, the weights averaged. An interrupt ends it early in good order: what is learnt is still exported.
    """

    def __init__(self, net, args, extra=(), decay=0.02):
        self.net, self.args = net.to(memory_format=torch.channels_last).train(), args
        heavy = [p for p in net.parameters() if p.ndim > 1]
        slight = [p for p in net.parameters() if p.ndim <= 1]
        groups = [{"params": heavy, "weight_decay": decay}, {"params": slight, "weight_decay": 0.0}, *extra]
        self.optimizer = torch.optim.AdamW(groups, lr=args.rate, foreach=True)
        self.average = copy.deepcopy(net).eval()
        self.step, self.images, self.began, self.reported = 0, 0, time.process_time(), time.time()
        self.sums, self.stopped, self.short = {}, False, knows_bfloat16()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self.stop)

    def stop(self, *_):
        self.stopped = True

    @property
    def seconds(self):
        """Of work of each thread."""
        return (time.process_time() - self.began) / self.args.threads

    @property
    def done(self):
        """0 at the beginning, 1 at the end."""
        if self.args.steps:
            return self.step / self.args.steps
        return self.seconds / (60 * self.args.minutes) if self.args.minutes else 1.0

    def going(self):
        return self.done < 1 and not self.stopped

    def autocast(self):
        """bfloat16 doubles the speed where the processor knows it; sums and losses stay in 32 bits."""
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.short)

    def learn(self, loss, images, **parts):
        """One step down the slope of `loss`; `parts` are numbers to report."""
        done = min(1.0, self.done)
        rise = min(1.0, done / 0.04, (self.step + 1) / 50)
        rate = self.args.rate * rise * (0.005 + 0.995 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        parameters = [p for group in self.optimizer.param_groups for p in group["params"] if p.grad is not None]
        norm = torch.nn.utils.clip_grad_norm_(parameters, 10.0)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.step += 1
        self.images += images
        self.remember()
        self.report({"loss": loss, **parts}, rate)

    def remember(self):
        """The average looks back further the longer the training has run, at most some 500 steps."""
        keep = min(0.998, (1 + self.step) / (20 + self.step))
        with torch.no_grad():
            mine, theirs = list(self.average.state_dict().values()), list(self.net.state_dict().values())
            floats = [(a, b) for a, b in zip(mine, theirs) if a.is_floating_point()]
            torch._foreach_mul_([a for a, _ in floats], keep)
            torch._foreach_add_([a for a, _ in floats], [b for _, b in floats], alpha=1 - keep)

    def report(self, parts, rate):
        for name, value in parts.items():
            value = value.detach().item() if torch.is_tensor(value) else value
            total, count = self.sums.get(name, (0.0, 0))
            self.sums[name] = (total + value, count + 1)
        if time.time() - self.reported < REPORT_EVERY and self.step > 1:
            return
        self.reported = time.time()
        left = self.seconds / max(self.done, 1e-9) * (1 - self.done)
        words = " ".join(f"{name} {total / count:.4f}" for name, (total, count) in self.sums.items())
        self.sums = {}
        print(
            f"{self.seconds:6.0f} s  step {self.step}  {self.images} images  {self.images / self.seconds:.0f}/s  "
            f"rate {rate:.5f}  {words}  {max(0, left):.0f} s left",
            flush=True,
        )

    def finish(self):
        """Ends the training. @return the averaged network."""
        self.seconds_trained = self.seconds
        print(f"trained {self.seconds / 60:.1f} minutes, {self.images} images", flush=True)
        return self.average.eval()


def export(net, shape, file, dynamic=None):
    """
    Writes the model as ONNX: one input `input` of RGB bytes as floats, one output `output`.
    @return the folded network the file was made from.
    """
    folded = nets.fold(net)
    with torch.no_grad():
        torch.onnx.export(
            folded, torch.rand(shape) * 255, str(file), opset_version=13, do_constant_folding=True,
            input_names=["input"], output_names=["output"], dynamic_axes=dynamic,
        )  # fmt: skip
    return folded


def sample(folded, shape, file, seed=5):
    """An input and the answer to it, for whoever wants to compare a runtime with this training: two flat files."""
    x = torch.from_numpy(np.random.default_rng(seed).integers(0, 256, shape).astype(np.float32))
    with torch.no_grad():
        y = folded(x)
    x.numpy().tofile(f"{file}.input.f32")
    y.contiguous().numpy().tofile(f"{file}.output.f32")


def write(run, net, args, task, data, shape, results, dynamic=None, **more):
    """Exports the model and writes its card beside it."""
    out = Path(args.out)
    file = out / f"{args.id}.onnx"
    if args.start and run.step == 0:
        return measured(args.start, file, data["val"], results)
    folded = export(net, shape, file, dynamic)
    if getattr(args, "sample", False):
        sample(folded, shape, out / args.id)
    card = {
        "id": args.id,
        "task": task,
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "seed": args.seed,
        "input": {"shape": list(shape), "channels": "RGB", "mean": [0, 0, 0], "std": [1, 1, 1]},
        "parameters": nets.parameters(net),
        "bytes": file.stat().st_size,
        "minutes": round(run.seconds_trained / 60, 2),
        "threads": args.threads,
        "images": run.images,
        "data": {name: pictures.describe() for name, pictures in data.items()},
        "results": results,
        **more,
    }
    if args.start:
        first = card_of(args.start)
        card["from"] = training_of(first) | {"train": first["data"]["train"]}
    keep_card(file, card)
    print(f"wrote {file}, {card['bytes']} bytes, {card['parameters']} parameters", flush=True)


def keep_card(model, card):
    Path(model).with_suffix(".card.json").write_text(json.dumps(card, indent=1, allow_nan=False) + "\n")


def card_of(model):
    """What stands beside a model."""
    return json.loads(Path(model).with_suffix(".card.json").read_text())


def training_of(card):
    """What another model's card says of how this one was trained."""
    said = ("id", "command", "seed", "minutes", "threads", "images", "weightsAveragedWith", "from")
    return {key: card[key] for key in said if key in card}


def measured(start, file, val, results):
    """The file as it is, and its card with what it reaches on other pictures; of its training the card says the same."""
    card = card_of(start)
    card["results"], card["data"]["val"] = results, val.describe()
    shutil.copyfile(start, file)
    keep_card(file, card)
    print(f"measured {start}", flush=True)


def rounded(value, places=4):
    """Numbers for a card; what is not a number becomes None."""
    if isinstance(value, dict):
        return {key: rounded(one, places) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(one, places) for one in value]
    if isinstance(value, (float, np.floating)):
        return round(float(value), places) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value
