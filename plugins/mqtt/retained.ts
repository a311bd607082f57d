import { and, eq, ne } from 'drizzle-orm';
import type { Store } from '../../core/store/database.ts';
import { retainedTopics } from './tables.ts';

export interface RetainedOptions {
  store: Store;
  /** Tells brokers apart. */
  broker: string;
  publish(topic: string, payload: string): Promise<void>;
  /** Of topics that could not be published: how many, and why the first. */
  failed(error: Error, topics: number): void;
}

/**
 * What the broker keeps for whoever comes later. The newest value of each topic is published; values that a later one has
 * overtaken are not. The topics stand in the database before anything is published under them, so that none is forgotten.
 */
export class Retained {
  readonly #options: RetainedOptions;
  readonly #values = new Map<string, string>();
  readonly #known = new Map<string, Record<string, string>>();
  readonly #due = new Set<string>();
  /** Could not be published, as where a broker does not allow one of them: tried again when there is a broker once more. */
  readonly #failed = new Set<string>();
  #mayWork = false;
  #working: Promise<void> | undefined;

  constructor(options: RetainedOptions) {
    this.#options = options;
  }

  /** Reads which topics the broker keeps; those of brokers of former times are out of reach and forgotten. */
  async load(): Promise<void> {
    const { store, broker } = this.#options;
    const rows = store.read.select().from(retainedTopics).where(eq(retainedTopics.broker, broker)).all();
    for (const { topic, components } of rows) this.#known.set(topic, components);
    await store.write((tx) => tx.delete(retainedTopics).where(ne(retainedTopics.broker, broker)).run());
  }

  /** Components that were ever told of under a topic. */
  components(topic: string): Record<string, string> {
    return this.#known.get(topic) ?? {};
  }

  get(topic: string): string | undefined {
    return this.#values.get(topic);
  }

  /** Sets a value; the same one again is not published again. */
  set(topic: string, value: string): void {
    if (this.#values.get(topic) === value) return;
    this.#values.set(topic, value);
    this.#due.add(topic);
    this.#work();
  }

  /** Takes back everything but these topics. */
  keepOnly(topics: ReadonlySet<string>): void {
    for (const topic of new Set([...this.#known.keys(), ...this.#values.keys()])) {
      if (!topics.has(topic)) this.set(topic, '');
    }
  }

  /** Publishes these, or all there are, once more. */
  again(first: readonly string[] = []): void {
    // Due topics are taken in their order: what describes a device goes before its states.
    const rest = [...this.#values.keys()];
    this.#due.clear();
    this.#failed.clear();
    for (const topic of [...first, ...rest]) if (this.#values.has(topic)) this.#due.add(topic);
    this.#work();
  }

  /** Whether there is a broker to publish to. Told once more, what failed is tried again. */
  connected(connected: boolean): void {
    this.#mayWork = connected;
    if (connected) {
      const due = [...this.#failed, ...this.#due];
      this.#due.clear();
      this.#failed.clear();
      for (const topic of due) this.#due.add(topic);
    }
    this.#work();
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#working;
  }

  #work(): void {
    if (this.#working || !this.#mayWork || this.#due.size === 0) return;
    this.#working = this.#all().finally(() => {
      this.#working = undefined;
      this.#work();
    });
  }

  async #all(): Promise<void> {
    let first: Error | undefined;
    let count = 0;
    for (const topic of this.#due) {
      if (!this.#mayWork) break;
      this.#due.delete(topic);
      try {
        await this.#send(topic);
      } catch (error) {
        this.#failed.add(topic);
        first ??= error as Error;
        count += 1;
      }
    }
    if (first) this.#options.failed(first, count);
  }

  async #send(topic: string): Promise<void> {
    const value = this.#values.get(topic);
    if (value === undefined) return;
    if (value !== '') await this.#know(topic, value);
    await this.#options.publish(topic, value);
    if (value === '') await this.#forget(topic);
  }

  async #know(topic: string, value: string): Promise<void> {
    const before = this.#known.get(topic);
    const components = { ...before, ...componentsOf(value) };
    if (before && Object.keys(components).length === Object.keys(before).length) return;
    const { store, broker } = this.#options;
    await store.write((tx) =>
      tx
        .insert(retainedTopics)
        .values({ broker, topic, components })
        .onConflictDoUpdate({ target: [retainedTopics.broker, retainedTopics.topic], set: { components } })
        .run(),
    );
    this.#known.set(topic, components);
  }

  async #forget(topic: string): Promise<void> {
    const { store, broker } = this.#options;
    if (this.#known.has(topic)) {
      const row = and(eq(retainedTopics.broker, broker), eq(retainedTopics.topic, topic));
      await store.write((tx) => tx.delete(retainedTopics).where(row).run());
      this.#known.delete(topic);
    }
    if (this.#values.get(topic) === '') this.#values.delete(topic);
  }
}

/** Platforms of the components that a device's description tells of, by id. */
function componentsOf(value: string): Record<string, string> {
  if (!value.startsWith('{"dev":')) return {};
  const { cmps } = JSON.parse(value) as { cmps: Record<string, { p: string }> };
  return Object.fromEntries(Object.entries(cmps).map(([id, { p }]) => [id, p]));
}
