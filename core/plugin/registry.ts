import type { DescriberDeclaration } from '../vision/describer.ts';
import type { StageDeclaration } from '../vision/stage.ts';
import type {
  MessageDefinition,
  PluginParts,
  RouteDefinition,
  SocketMessageDefinition,
  TopicDefinition,
  UiDefinition,
} from './contract.ts';

export interface Owned<T> {
  owner: string;
  definition: T;
}

/**
 * What running plugins have registered: the gateway, the live socket, the planner and the UI read it at each use, so
 * that a plugin that stops is gone at once and one that comes back is there again.
 */
export class Registry {
  readonly messages = new Map<number, Owned<MessageDefinition>>();
  readonly socketMessages = new Map<number, Owned<SocketMessageDefinition>>();
  readonly topics = new Map<string, Owned<TopicDefinition>>();
  readonly routes = new Map<string, RouteDefinition[]>();
  readonly stages = new Map<string, Owned<StageDeclaration>>();
  readonly describers = new Map<string, Owned<DescriberDeclaration>>();
  readonly ui = new Map<string, UiDefinition>();
  /** Folder of each plugin whose UI may be served. */
  readonly folders = new Map<string, string>();

  /**
   * Adds a plugin's parts.
   * @param owned numbers of the manifest's message ranges
   * @throws Error naming what is outside the ranges or taken already; nothing is added then
   */
  add(owner: string, parts: PluginParts<unknown>, owned: [number, number][], ui?: UiDefinition): void {
    for (const { id } of ui?.pages ?? []) {
      const other = [...this.ui].find(([, { pages }]) => pages.some((page) => page.id === id))?.[0];
      if (other) throw new Error(`page ${id} is registered by "${other}" already`);
    }
    const inRanges = (id: number) => owned.some(([from, to]) => id >= from && id <= to);
    for (const { id } of [...(parts.messages ?? []), ...(parts.socketMessages ?? [])]) {
      if (!inRanges(id)) throw new Error(`message ${id} lies outside the ranges of plugin.json`);
    }
    this.#refuseTaken(parts.messages?.map((one) => one.id) ?? [], this.messages, 'message');
    this.#refuseTaken(parts.socketMessages?.map((one) => one.id) ?? [], this.socketMessages, 'socket message');
    this.#refuseTaken(parts.topics?.map((one) => one.id) ?? [], this.topics, 'topic');
    const steps = [...(parts.stages ?? []), ...(parts.describers ?? [])];
    this.#refuseTaken(
      steps.map((one) => one.id),
      new Map<string, Owned<unknown>>([...this.stages, ...this.describers]),
      'stage',
    );
    for (const { id } of parts.topics ?? []) {
      if (!id.startsWith(`${owner}.`)) throw new Error(`topic ${id} must begin with "${owner}."`);
    }
    for (const definition of parts.messages ?? []) this.messages.set(definition.id, { owner, definition });
    for (const definition of parts.socketMessages ?? []) this.socketMessages.set(definition.id, { owner, definition });
    for (const definition of parts.topics ?? []) this.topics.set(definition.id, { owner, definition });
    for (const definition of parts.stages ?? []) this.stages.set(definition.id, { owner, definition });
    for (const definition of parts.describers ?? []) this.describers.set(definition.id, { owner, definition });
    this.routes.set(owner, parts.routes ?? []);
    if (ui) this.ui.set(owner, ui);
  }

  remove(owner: string): void {
    const maps = [this.messages, this.socketMessages, this.topics, this.stages, this.describers];
    for (const map of maps as Map<unknown, Owned<unknown>>[]) {
      for (const [id, one] of map) if (one.owner === owner) map.delete(id);
    }
    this.routes.delete(owner);
    this.ui.delete(owner);
    this.folders.delete(owner);
  }

  #refuseTaken<K>(ids: K[], taken: Map<K, Owned<unknown>>, what: string): void {
    const seen = new Set<K>();
    for (const id of ids) {
      const other = taken.get(id)?.owner;
      if (other) throw new Error(`${what} ${String(id)} is registered by "${other}" already`);
      if (seen.has(id)) throw new Error(`${what} ${String(id)} is registered twice`);
      seen.add(id);
    }
  }
}
