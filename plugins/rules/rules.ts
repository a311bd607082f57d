import { CODE, ContractError } from '../../core/gateway/errors.ts';
import type { DestinationReport, Outbox, Reactions } from '../../core/plugin/push-services.ts';
import type { Firings } from './firings.ts';
import { destinationId, type Lines } from './lines.ts';
import type { RuleFields, Step } from './rule.ts';
import type { RuleBook } from './rule-book.ts';
import type { RuleView, StepView } from './shapes.ts';
import type { Rule } from './tables.ts';

export interface RulesOptions {
  book: RuleBook;
  lines: Lines;
  firings: Firings;
  outbox: Outbox;
  reactions: Reactions;
  now(): number;
  changed(): void;
}

/** What people do with rules: the table, the lines and what waits stay together. */
export class Rules {
  readonly #options: RulesOptions;

  constructor(options: RulesOptions) {
    this.#options = options;
  }

  views(): RuleView[] {
    const { book, outbox } = this.#options;
    const reports = new Map(outbox.reports().map((report) => [report.id, report]));
    return book.list().map((rule) => this.#view(rule, reports));
  }

  /** Kinds of alarms that some rule asks for. */
  alarmKinds(): string[] {
    const asked = this.#options.book.list().flatMap(({ when }) => when.what);
    return asked.flatMap((what) => (what.startsWith('alarm/') ? what.slice('alarm/'.length) : []));
  }

  /** @throws ContractError for something that cannot be done, or one rule too many */
  async add({ steps, ...fields }: RuleFields): Promise<RuleView> {
    const { book, now } = this.#options;
    return this.#applied(await book.add({ ...fields, steps: this.#steps(steps, []) }, now()));
  }

  /** @throws ContractError `noSuchData`, or for something that cannot be done */
  async change(id: number, { steps, ...fields }: Partial<RuleFields>): Promise<RuleView> {
    const { book } = this.#options;
    const before = book.get(id);
    const change = steps ? { ...fields, steps: this.#steps(steps, before.steps) } : fields;
    return this.#applied(await book.change(id, change));
  }

  /** With everything that waits for it. @throws ContractError `noSuchData` */
  async remove(id: number): Promise<Rule> {
    const { book, lines, firings, changed } = this.#options;
    const rule = book.get(id);
    await book.remove(id);
    firings.forget(id);
    await lines.sync();
    changed();
    return rule;
  }

  async #applied({ id }: Rule): Promise<RuleView> {
    const { book, lines, outbox, changed } = this.#options;
    await lines.sync();
    changed();
    return this.#view(book.get(id), new Map(outbox.reports().map((report) => [report.id, report])));
  }

  /** What is gone may stay in a rule that has it, but comes into no other. */
  #steps(ids: readonly string[], before: readonly Step[]): Step[] {
    return ids.map((id) => {
      const reaction = this.#options.reactions.find(id);
      if (reaction) return { reaction: id, kind: reaction.kind, name: reaction.name };
      const kept = before.find((step) => step.reaction === id);
      if (!kept) throw new ContractError(CODE.wrongParameter, `there is no "${id}" to be done (any more)`, '', 'steps');
      return kept;
    });
  }

  #view({ createdAt: _, steps, ...rule }: Rule, reports: ReadonlyMap<string, DestinationReport>): RuleView {
    return {
      ...rule,
      steps: steps.map((step) => this.#stepView(step, reports.get(destinationId(rule.id, step.reaction)))),
      lastFired: this.#options.firings.lastOf(rule.id) ?? null,
    };
  }

  #stepView(step: Step, report: DestinationReport | undefined): StepView {
    const reaction = this.#options.reactions.find(step.reaction);
    return {
      ...step,
      name: reaction?.name ?? step.name,
      offered: reaction !== undefined,
      waiting: report?.waiting ?? 0,
      delivered: report?.delivered ?? 0,
      dead: report?.dead ?? 0,
      failures: report?.failures ?? 0,
      lastError: report?.lastError ?? null,
      lastDelivered: report?.lastDelivered ?? null,
      pausedUntil: report?.pausedUntil ?? null,
    };
  }
}
