import { decide, type Principal } from '../../core/gateway/authorization.ts';
import { MASK } from '../../core/plugin/config.ts';
import type { DestinationReport, Outbox } from '../../core/plugin/push-services.ts';
import { destinationId, receiverOf } from './line.ts';
import type { Lines } from './lines.ts';
import { CHANGE } from './rights.ts';
import type { NewTarget, TargetChange, TargetView } from './shapes.ts';
import type { TargetRow } from './tables.ts';
import type { Targets } from './targets.ts';

/** An address as somebody may see it: path and query often hold what the receiver lets anybody in by. */
export function shownUrl(url: string, caller: Principal | undefined): string {
  if (decide(CHANGE, caller) === 'allowed') return url;
  const { origin, pathname, search } = new URL(url);
  return pathname === '/' && search === '' ? url : `${origin}/…`;
}

export interface ReceiversOptions {
  targets: Targets;
  lines: Lines;
  outbox: Outbox;
  changed(): void;
}

/** What people and clients do with receivers: the table, the lines and the outbox stay together. */
export class Receivers {
  readonly #options: ReceiversOptions;

  constructor(options: ReceiversOptions) {
    this.#options = options;
  }

  list(): TargetView[] {
    const { targets, outbox } = this.#options;
    const reports = new Map(outbox.reports().map((report) => [report.id, report]));
    return targets.list().map((row) => this.#view(row, reports.get(destinationId(row.id))));
  }

  async add(target: NewTarget, wire = false): Promise<TargetView> {
    const { id } = await this.#options.targets.add(target, wire);
    return this.#renewed(id);
  }

  async change(id: number, change: TargetChange): Promise<TargetView> {
    await this.#options.targets.change(id, change);
    return this.#renewed(id);
  }

  /** With everything that waits for it. */
  async remove(id: number): Promise<TargetRow> {
    const { targets, lines, outbox, changed } = this.#options;
    const row = targets.get(id);
    await targets.remove(id);
    await lines.refresh();
    await outbox.remove(destinationId(id));
    changed();
    return row;
  }

  /** Forgets what waits for receivers that are gone: the box may have ended between the two steps of removing one. */
  async forgetRemoved(): Promise<void> {
    const { targets, outbox } = this.#options;
    const known = new Set(targets.list().map(({ id }) => id));
    for (const { id } of outbox.reports()) {
      const receiver = receiverOf(id);
      if (receiver !== undefined && !known.has(receiver)) await outbox.remove(id);
    }
  }

  /** Tries at once instead of after the pause. */
  retry(id: number): void {
    this.#options.targets.get(id);
    this.#options.lines.of(id)?.retry();
  }

  async #renewed(id: number): Promise<TargetView> {
    const { lines, changed } = this.#options;
    await lines.refresh();
    changed();
    return this.list().find((one) => one.id === id)!;
  }

  #view(row: TargetRow, report?: DestinationReport): TargetView {
    const { sealedKey, createdAt: _, ...shown } = row;
    const { lines } = this.#options;
    return {
      ...shown,
      key: sealedKey === '' ? '' : MASK,
      waiting: report?.waiting ?? 0,
      oldest: report?.oldest ?? null,
      delivered: report?.delivered ?? 0,
      dead: report?.dead ?? 0,
      failures: report?.failures ?? 0,
      refused: report?.refused ?? 0,
      lastError: (row.enabled ? lines.faultOf(row.id) : undefined) ?? report?.lastError ?? null,
      lastDelivered: report?.lastDelivered ?? null,
      pausedUntil: report?.pausedUntil ?? null,
      heartbeat: lines.of(row.id)?.heartbeat ?? null,
    };
  }
}
