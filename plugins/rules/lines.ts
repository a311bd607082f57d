import {
  type Destination,
  type OpenDestination,
  type Outbox,
  type Reaction,
  type Reactions,
  RefusedError,
} from '../../core/plugin/push-services.ts';
import { ACTION_KEEP_MS } from './action-reactions.ts';
import type { Firings } from './firings.ts';
import { type Step, takes } from './rule.ts';
import type { RuleBook } from './rule-book.ts';
import type { Rule } from './tables.ts';
import { fits, seenOf } from './when.ts';

/** A plugin that is set up anew is back in a moment; what happens meanwhile waits for it. After that it does not, ms. */
const AWAY_MS = 10 * 60_000;
const PREFIX = 'rules/';

export interface LinesOptions {
  outbox: Outbox;
  reactions: Reactions;
  book: RuleBook;
  firings: Firings;
  zone(): string;
  /** ms, of a clock that is never set. */
  steady(): number;
}

interface Line {
  open: OpenDestination;
  /** What it was opened with: with something else it is opened anew. */
  made: string;
  /** As it was offered when it was looked at last. */
  reaction: Reaction | undefined;
}

interface Wanted {
  rule: Rule;
  step: Step;
  reaction: Reaction | undefined;
}

export function destinationId(rule: number, reaction: string): string {
  return `${PREFIX}${rule}/${reaction}`;
}

/** The destinations in the outbox, one for each step of each rule that is switched on. */
export class Lines {
  readonly #options: LinesOptions;
  readonly #lines = new Map<string, Line>();
  /** Since when a reaction that some rule wants is not offered, steady clock. */
  readonly #away = new Map<string, number>();
  #last: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** Opens, closes and forgets until everything is as the rules and what is offered. One after another. */
  sync(): Promise<void> {
    const done = this.#last.then(() => this.#sync());
    this.#last = done.catch(() => {});
    return done;
  }

  /** Closes all of them, for good; what waits is kept. */
  async close(): Promise<void> {
    this.#ended = true;
    await this.#last;
    await this.#close([...this.#lines.keys()]);
  }

  async #sync(): Promise<void> {
    if (this.#ended) return;
    const wanted = this.#wanted();
    await this.#close(
      [...this.#lines].flatMap(([id, { made }]) => {
        const one = wanted.get(id);
        return one && made === madeOf(one) ? [] : [id];
      }),
    );
    await this.#forget();
    for (const [id, one] of wanted) {
      if (this.#ended) return;
      const line = this.#lines.get(id);
      if (!line) {
        this.#lines.set(id, { open: this.#open(id, one), made: madeOf(one), reaction: one.reaction });
      } else if (line.reaction !== one.reaction) {
        line.reaction = one.reaction;
        // It is there again, or reaches something else.
        if (one.reaction) line.open.retry();
      }
    }
  }

  /** What has to be open, by the id of its destination. */
  #wanted(): Map<string, Wanted> {
    const { book, reactions, steady } = this.#options;
    const wanted = new Map<string, Wanted>();
    const missing = new Set<string>();
    for (const rule of book.list().filter(({ enabled }) => enabled)) {
      for (const step of rule.steps) {
        const reaction = reactions.find(step.reaction);
        if (!reaction) missing.add(step.reaction);
        wanted.set(destinationId(rule.id, step.reaction), { rule, step, reaction });
      }
    }
    for (const id of this.#away.keys()) if (!missing.has(id)) this.#away.delete(id);
    for (const id of missing) if (!this.#away.has(id)) this.#away.set(id, steady());
    return wanted;
  }

  /** Of rules that are off, what waits is given up; of steps that are none any more, everything is forgotten. */
  async #forget(): Promise<void> {
    const { outbox, book } = this.#options;
    const steps = new Map(
      book
        .list()
        .flatMap((rule) => rule.steps.map(({ reaction }) => [destinationId(rule.id, reaction), rule] as const)),
    );
    for (const { id, waiting } of outbox.reports().filter((one) => one.id.startsWith(PREFIX))) {
      const rule = steps.get(id);
      if (!rule) await outbox.remove(id);
      else if (!rule.enabled && waiting > 0) await outbox.forget(id);
    }
  }

  #open(id: string, wanted: Wanted): OpenDestination {
    const { outbox, book, reactions, firings, zone, steady } = this.#options;
    const {
      rule: { id: ruleId },
      step,
    } = wanted;
    return outbox.open({
      id,
      ...settingOf(wanted),
      wants: (message) => {
        const rule = book.find(ruleId);
        const seen = rule?.enabled && firings.fitting(rule, message);
        if (!seen) return false;
        const reaction = reactions.find(step.reaction);
        if (!reaction && steady() - (this.#away.get(step.reaction) ?? steady()) > AWAY_MS) return false;
        return takes(step.kind, reaction, seen, rule.when.demo) && firings.fires(rule, message);
      },
      deliver: async (message, picture, context) => {
        const rule = book.find(ruleId);
        const seen = seenOf(message);
        const reaction = reactions.find(step.reaction);
        if (!rule || !seen || !fits(rule.when, seen, zone()) || !takes(step.kind, reaction, seen, rule.when.demo)) {
          throw new RefusedError('the rule was changed meanwhile');
        }
        // Without its name, which may be somebody's address: reasons stand in the log.
        if (!reaction) throw new Error('what was to be done is switched off or gone');
        await reaction.deliver(message, picture, { ...context, rule: { id: rule.id, name: rule.name } });
      },
    });
  }

  async #close(ids: string[]): Promise<void> {
    const going = ids.flatMap((id) => this.#lines.get(id)?.open ?? []);
    for (const id of ids) this.#lines.delete(id);
    await Promise.all(going.map((open) => open.close()));
  }
}

/** Whatever else of a destination is looked up when it is needed. */
function settingOf({ rule, step, reaction }: Wanted): Pick<Destination, 'name' | 'keep' | 'deadline'> {
  const { keep = step.kind === 'action' ? ACTION_KEEP_MS : undefined, deadline } = reaction ?? {};
  return {
    name: `${rule.name} → ${reaction?.name ?? step.name}`,
    ...(keep === undefined ? {} : { keep }),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

function madeOf(wanted: Wanted): string {
  return JSON.stringify(settingOf(wanted));
}
