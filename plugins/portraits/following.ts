/**
 * From one look to the next, ms. The host would start this plugin anew with whatever it asks for at its start, and the
 * index of faces would have to be read anew each time.
 */
const LOOK_MS = 500;

/** Takes part in a service of another plugin that may come and go, whenever it is there. */
export class Following<Service extends object> {
  readonly #there: () => Service | undefined;
  readonly #takePart: (service: Service) => () => void;
  readonly #lookMs: number;
  #followed: Service | undefined;
  #leave: (() => void) | undefined;
  #looking: NodeJS.Timeout | undefined;

  /** @param takePart gives the way to leave again */
  constructor(there: () => Service | undefined, takePart: (service: Service) => () => void, lookMs: number = LOOK_MS) {
    this.#there = there;
    this.#takePart = takePart;
    this.#lookMs = lookMs;
  }

  start(): void {
    this.#looking = setInterval(() => this.#look(), this.#lookMs);
    this.#looking.unref();
  }

  stop(): void {
    clearInterval(this.#looking);
    this.#leave?.();
    this.#leave = undefined;
    this.#followed = undefined;
  }

  #look(): void {
    const service = this.#there();
    if (service === this.#followed) return;
    this.#leave?.();
    this.#followed = service;
    this.#leave = service && this.#takePart(service);
  }
}
