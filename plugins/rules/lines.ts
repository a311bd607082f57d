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
/** Their names are addresses and accounts: whoever may look at deliveries may not see these. */
const PERSONAL = new Set<Step['kind']>(['mail', 'web-push']);

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
  /** Lines whose last deliveries come to their ends. */
  readonly #closing = new Set<Promise<void>>();
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
    for (const id of [...this.#lines.keys()]) this.#close(id);
    await Promise.all(this.#closing);
  }

  async #sync(): Promise<void> {
    if (this.#ended) return;
    const wanted = this.#wanted();
    // At once, and before anything is waited for: what is recorded meanwhile must find its line.
    for (const [id, one] of wanted) this.#follow(id, one);
    for (const id of [...this.#lines.keys()]) if (!wanted.has(id)) this.#close(id);
    await Promise.all(this.#closing);
    await this.#forget();
  }

  #follow(id: string, one: Wanted): void {
    const line = this.#lines.get(id);
    const made = madeOf(one);
    if (line?.made === made) {
      if (line.reaction === one.reaction) return;
      line.reaction = one.reaction;
      // It is there again, or reaches something else.
      if (one.reaction) line.open.retry();
      return;
    }
    if (line) this.#close(id);
    this.#lines.set(id, { open: this.#open(id, one), made, reaction: one.reaction });
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
      took: (message) => {
        const rule = book.find(ruleId);
        if (rule) firings.fired(rule, message);
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

  #close(id: string): void {
    const closing = this.#lines.get(id)?.open.close();
    this.#lines.delete(id);
    if (!closing) return;
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
}

/** Whatever else of a destination is looked up when it is needed. */
function settingOf({ rule, step, reaction }: Wanted): Pick<Destination, 'name' | 'keep' | 'deadline'> {
  const { keep = step.kind === 'action' ? ACTION_KEEP_MS : undefined, deadline } = reaction ?? {};
  return {
    name: `${rule.name} → ${PERSONAL.has(step.kind) ? step.reaction : (reaction?.name ?? step.name)}`,
    ...(keep === undefined ? {} : { keep }),
    ...(deadline === undefined ? {} : { deadline }),
  };
}

function madeOf(wanted: Wanted): string {
  return JSON.stringify(settingOf(wanted));
}
