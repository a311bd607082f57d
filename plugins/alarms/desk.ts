import type { PluginContext } from '../../core/plugin/contract.ts';
import type { AlarmDesk } from '../../core/plugin/push-services.ts';
import { acknowledge } from './list.ts';
import { printable } from './new-alarm.ts';
import { alarms } from './tables.ts';

const LONGEST_NOTE = 500;
const MOST_KINDS = 100;

/** What other systems do with alarms, through the plugins that speak with them. */
export class Desk implements AlarmDesk {
  readonly #ctx: Pick<PluginContext, 'store' | 'clock' | 'changed'>;

  constructor(ctx: Pick<PluginContext, 'store' | 'clock' | 'changed'>) {
    this.#ctx = ctx;
  }

  async acknowledge(id: number, by: string, note: string): Promise<boolean> {
    const { store, clock, changed } = this.#ctx;
    const said = { by, at: clock.now(), note: printable(note, LONGEST_NOTE) };
    const found = await acknowledge(store, [id], said);
    if (found > 0) changed('alarms');
    return found > 0;
  }

  async kinds(): Promise<string[]> {
    const rows = await this.#ctx.store.query.selectDistinct({ kind: alarms.kind }).from(alarms).limit(MOST_KINDS);
    return rows.map(({ kind }) => kind);
  }
}
