import { CODE, ContractError } from '../../core/gateway/errors.ts';
import { within } from '../../core/plugin/deadline.ts';
import type { Actions, AlarmDesk, CameraSwitches } from '../../core/plugin/push-services.ts';
import type { Operation } from '../../core/plugin/services.ts';
import type { Incoming } from './broker.ts';
import type { Settings } from './settings.ts';
import { channelOf, type Topics } from './topics.ts';

const LONGEST = 1000;
const LONGEST_NOTE = 500;
/** So many at once, and one more each second; what comes beyond them is dropped: the operation log is not to be flooded. */
const BURST = 20;
/** Commands under way at once. */
const MOST_UNDER_WAY = 8;
/** One that takes longer has failed, ms: it must not keep the others from being run for ever. */
const PATIENCE_MS = 20_000;

/** Whom the operation log names: a broker does not say who sent a message. */
const WHO = 'MQTT';

type Command =
  | { kind: 'camera'; channel: number; enabled: boolean }
  | { kind: 'alarm'; id: number; note: string }
  | { kind: 'action'; id: string };

export interface CommandParts {
  topics: Topics;
  settings: Pick<Settings, 'commandCameras' | 'commandAlarms' | 'commandActions'>;
  /** Host of the broker, for the operation log. */
  source: string;
  now(): number;
  steady(): number;
  switches(): CameraSwitches | undefined;
  desk(): AlarmDesk | undefined;
  actions(): Actions | undefined;
  performed(operation: Operation): void;
  /** ms; default 20,000 */
  patience?: number;
}

export interface CommandCounts {
  run: number;
  failed: number;
  refused: number;
  malformed: number;
  dropped: number;
}

/**
 * What other systems ask of the box. Each kind must be allowed; every command stands in the operation log, refused ones
 * too. What is no command is counted and answered nowhere.
 */
export class Commands {
  readonly counts: CommandCounts = { run: 0, failed: 0, refused: 0, malformed: 0, dropped: 0 };
  readonly #parts: CommandParts;
  #tokens = BURST;
  #filledAt: number;
  #underWay = 0;

  constructor(parts: CommandParts) {
    this.#parts = parts;
    this.#filledAt = parts.steady();
  }

  /**
   * Topics commands come by, for a connection whose session ends with it. Of quality 0: what is lost may be asked again,
   * what comes late must not be done.
   */
  subscriptions(): Record<string, { qos: 0 }> {
    const { topics } = this.#parts;
    const filters = [topics.enable('+'), topics.acknowledge, topics.runAction('+')];
    return Object.fromEntries(filters.map((filter) => [filter, { qos: 0 }]));
  }

  async handle(message: Incoming): Promise<void> {
    const command = this.#read(message);
    if (!command) {
      this.counts.malformed += 1;
      return;
    }
    if (!this.#takeToken() || this.#underWay >= MOST_UNDER_WAY) {
      this.counts.dropped += 1;
      return;
    }
    this.#underWay += 1;
    let result: number = CODE.ok;
    let fault = '';
    try {
      await within(this.#parts.patience ?? PATIENCE_MS, 'the command', () => this.#run(command));
      this.counts.run += 1;
    } catch (error) {
      result = error instanceof ContractError ? error.code : CODE.unknownError;
      fault = (error as Error).message;
      this.counts[result === CODE.notAllowed ? 'refused' : 'failed'] += 1;
    } finally {
      this.#underWay -= 1;
    }
    this.#note(command, result, fault);
  }

  #read({ topic, payload, retained }: Incoming): Command | undefined {
    // What a broker keeps was said at some time: a command is of now.
    if (retained || payload.byteLength > LONGEST) return undefined;
    const { topics } = this.#parts;
    const text = Buffer.from(payload).toString('utf8').trim();
    if (topic === topics.acknowledge) return acknowledgement(text);
    if (!topic.startsWith(`${topics.prefix}/`)) return undefined;
    const [first = '', second = '', third = '', ...more] = topic.slice(topics.prefix.length + 1).split('/');
    if (more.length > 0) return undefined;
    if (first === 'actions' && third === 'run') {
      return text === 'PRESS' && /^[A-Za-z0-9_-]{1,64}$/.test(second) ? { kind: 'action', id: second } : undefined;
    }
    const channel = channelOf(first);
    if (channel === undefined || second !== 'enabled' || third !== 'set') return undefined;
    return text === 'ON' || text === 'OFF' ? { kind: 'camera', channel, enabled: text === 'ON' } : undefined;
  }

  async #run(command: Command): Promise<void> {
    const { settings, switches, desk, actions } = this.#parts;
    switch (command.kind) {
      case 'camera': {
        const service = allowed(settings.commandCameras, switches);
        await service.setEnabled(command.channel, command.enabled);
        return;
      }
      case 'alarm': {
        const service = allowed(settings.commandAlarms, desk);
        const found = await service.acknowledge(command.id, WHO, command.note);
        if (!found) throw new ContractError(CODE.noSuchData, 'no such alarm is open');
        return;
      }
      case 'action': {
        const action = allowed(settings.commandActions, actions)
          .list()
          .find(({ id }) => id === command.id);
        if (!action) throw new ContractError(CODE.noSuchData, 'there is no such action');
        await action.run();
      }
    }
  }

  #note(command: Command, result: number, fault: string): void {
    const what = {
      camera: () => (command.kind === 'camera' ? `channel ${command.channel}: ${command.enabled ? 'on' : 'off'}` : ''),
      alarm: () => (command.kind === 'alarm' ? `alarm ${command.id}` : ''),
      action: () => (command.kind === 'action' ? command.id : ''),
    }[command.kind]();
    this.#parts.performed({
      time: this.#parts.now(),
      userName: WHO,
      role: '',
      module: 'mqtt',
      item: `command ${command.kind}`,
      detail: [what, fault].filter(Boolean).join('; '),
      source: this.#parts.source,
      result,
    });
  }

  #takeToken(): boolean {
    const now = this.#parts.steady();
    this.#tokens = Math.min(BURST, this.#tokens + (now - this.#filledAt) / 1000);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/** `12`, or `{"id": 12, "note": "…"}`. */
function acknowledgement(text: string): Command | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { id, note = '' } = (typeof value === 'object' && value !== null ? value : { id: value }) as {
    id?: unknown;
    note?: unknown;
  };
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 1 || typeof note !== 'string') return undefined;
  return { kind: 'alarm', id, note: note.slice(0, LONGEST_NOTE) };
}

/** @throws ContractError where the setting forbids it, or nobody can do it at the moment */
function allowed<T>(setting: boolean, service: () => T | undefined): T {
  if (!setting) throw new ContractError(CODE.notAllowed, 'commands of this kind are not allowed in the settings');
  const found = service();
  if (!found) throw new ContractError(CODE.unknownError, 'the plugin that would do it does not run');
  return found;
}
