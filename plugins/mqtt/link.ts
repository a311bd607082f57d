import type { AddressRules } from '../../core/net/addresses.ts';
import type { PluginContext } from '../../core/plugin/contract.ts';
import type {
  Actions,
  AlarmDesk,
  CameraSwitches,
  OfferedReactions,
  OpenDestination,
  Outbox,
} from '../../core/plugin/push-services.ts';
import { type CameraInfo, operationPerformed, type Vision } from '../../core/plugin/services.ts';
import { Broker, type BrokerState, type Incoming } from './broker.ts';
import { Commands } from './commands.ts';
import { destination, type Publish } from './delivery.ts';
import { type BoxFacts, boxObjectId } from './discovery.ts';
import { Mirror } from './mirror.ts';
import { signalLoss } from './onvif.ts';
import { People } from './people.ts';
import { publishing } from './reactions.ts';
import { Retained } from './retained.ts';
import type { Settings } from './settings.ts';
import { Topics } from './topics.ts';

/** How often states are looked at, ms. */
const LOOK_MS = 1000;
/** How often what could not be kept with the broker is tried again, in looks. */
const AGAIN_LOOKS = 60;

export interface LinkParts {
  ctx: Pick<PluginContext, 'store' | 'log' | 'clock' | 'emit' | 'changed'>;
  settings: Settings;
  box: BoxFacts;
  rules: AddressRules;
  outbox: Outbox;
  vision: Pick<Vision, 'watch'>;
  cameras(): CameraInfo[] | undefined;
  switches(): CameraSwitches | undefined;
  desk(): AlarmDesk | undefined;
  actions(): Actions | undefined;
  /** What rules may do here; undefined where there are none. */
  offered: OfferedReactions | undefined;
  /** First pause between tries to connect, ms. */
  pause?: number;
}

/** Everything between the box and one broker, from start to stop. */
export class Link {
  readonly broker: Broker;
  readonly commands: Commands;
  /**
   * A connection of its own, whose session ends with it. The session of the other one is kept by the broker, and some
   * brokers keep messages of quality 0 for such a session as well (EMQX does): a door must not open an hour after somebody
   * asked for it.
   */
  readonly #listening: Broker;
  readonly #parts: LinkParts;
  readonly #topics: Topics;
  readonly #retained: Retained;
  readonly #people: People;
  readonly #mirror: Mirror;
  readonly #online = new Map<number, boolean>();
  /** Values that may change many times a second, and are kept with the broker at the next look. */
  readonly #moments = new Map<string, string>();
  #destination: OpenDestination | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looks = 0;
  #endActions: (() => void) | undefined;

  constructor(parts: LinkParts) {
    this.#parts = parts;
    const { ctx, settings, box, rules, cameras, switches, desk, actions } = parts;
    const { clock } = ctx;
    const topics = new Topics(settings.prefix, settings.discoveryPrefix);
    const url = new URL(settings.url);
    this.#topics = topics;
    this.commands = new Commands({
      topics,
      settings,
      source: url.host,
      now: () => clock.now(),
      steady: () => clock.steady(),
      switches,
      desk,
      actions,
      performed: (operation) => ctx.emit(operationPerformed, operation),
    });
    const clientId = boxObjectId(box);
    const every = { rules, now: () => clock.now(), ...(parts.pause === undefined ? {} : { pause: parts.pause }) };
    this.broker = new Broker({
      ...every,
      settings: { ...settings, clientId, willTopic: topics.available, keepSession: true },
      subscriptions: settings.homeAssistant ? { [topics.homeAssistantStatus]: { qos: 1 } } : {},
      onConnected: () => this.#connected(),
      onMessage: (message) => this.#received(message),
      onChanged: () => {
        if (this.broker.state.state !== 'connected') this.#retained.connected(false);
        ctx.changed('state');
      },
    });
    this.#listening = new Broker({
      ...every,
      settings: { ...settings, clientId: `${clientId}_commands`, keepSession: false },
      subscriptions: this.commands.subscriptions(),
      onMessage: (message) => void this.commands.handle(message),
      onChanged: () => ctx.changed('state'),
    });
    this.#retained = new Retained({
      store: ctx.store,
      broker: url.origin === 'null' ? `${url.protocol}//${url.host}` : url.origin,
      publish: (topic, payload) => this.broker.publish(topic, payload, { retain: true }),
      failed: (error, topics) => ctx.log.warn({ reason: error.message, topics }, 'states could not be published'),
    });
    this.#people = new People(parts.vision, () => clock.steady());
    this.#mirror = new Mirror({
      retained: this.#retained,
      topics,
      settings,
      box,
      cameras,
      switches,
      actions: () => actions()?.list() ?? [],
      people: this.#people,
    });
  }

  /** Of both connections the worse, that of the events first. */
  get state(): BrokerState {
    const both = [this.broker.state, this.#listening.state] as const;
    return both.find(({ state }) => state !== 'connected') ?? both.find(({ lastError }) => lastError) ?? both[1];
  }

  async start(): Promise<void> {
    const { settings, outbox, ctx } = this.#parts;
    await this.#retained.load();
    this.#destination = outbox.open(
      destination({
        topics: this.#topics,
        settings,
        now: () => ctx.clock.now(),
        publish: (topic, payload, leave) => this.broker.publish(topic, payload, { leave }),
        retain: (topic, value) => void this.#moments.set(topic, value),
        learnKind: (kind) => this.#mirror.learnKinds([kind]),
      }),
    );
    this.#offer();
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
    this.broker.start();
    this.#listening.start();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#endActions?.();
    this.#people.end();
    this.#retained.connected(false);
    await this.#retained.idle();
    await Promise.all([this.broker.stop(), this.#listening.stop()]);
    await this.#destination?.close();
  }

  /** Cameras have come, gone or changed. */
  camerasChanged(): void {
    this.#mirror.sync();
  }

  /** A camera came or went. */
  cameraTold(channel: number, online: boolean): void {
    if (this.#online.get(channel) === online) return;
    this.#online.set(channel, online);
    this.#mirror.states();
    const { settings, ctx } = this.#parts;
    if (!settings.onvif || this.broker.state.state !== 'connected') return;
    const camera = this.#parts.cameras()?.find((one) => one.channel === channel);
    if (camera?.origin === 'demo' && !settings.demo) return;
    const { topic, body } = signalLoss(channel, online, ctx.clock.now());
    // The state of a camera is in its own topic, which is kept: this one tells of the moment.
    this.broker.publish(`${this.#topics.prefix}/${topic}`, JSON.stringify(body)).catch(() => {});
  }

  /** Publishes descriptions and states once more. */
  discoverAgain(): void {
    this.#mirror.again();
  }

  #connected(): void {
    this.#endActions ??= this.#parts.actions()?.onChanged(() => this.#mirror.sync());
    this.#retained.connected(true);
    this.#mirror.again();
    this.#destination?.retry();
    this.#offer();
    const { desk, ctx } = this.#parts;
    desk()
      ?.kinds()
      .then((kinds) => this.#mirror.learnKinds(kinds))
      .catch((error: Error) => ctx.log.warn({ reason: error.message }, 'the kinds of alarms could not be read'));
  }

  /** Offered anew, what waits for it is tried at once. */
  #offer(): void {
    const { offered, settings } = this.#parts;
    const publish: Publish = (topic, payload, leave) => this.broker.publish(topic, payload, { leave });
    offered?.offer([publishing({ topics: this.#topics, settings, publish })]);
  }

  #received({ topic, payload }: Incoming): void {
    // A session that is kept may hold what earlier settings listened to.
    if (topic !== this.#topics.homeAssistantStatus) return;
    if (Buffer.from(payload).toString('utf8') === 'online') this.#mirror.again();
  }

  #look(): void {
    if (this.broker.state.state !== 'connected') return;
    for (const [topic, value] of this.#moments) this.#retained.set(topic, value);
    this.#moments.clear();
    this.#mirror.states();
    this.#looks += 1;
    if (this.#looks % AGAIN_LOOKS === 0) {
      this.#mirror.sync();
      this.#retained.connected(true);
    }
  }
}
