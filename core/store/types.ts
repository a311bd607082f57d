/** What the store needs of a logger; a pino logger fits. */
export interface StoreLog {
  debug(entry: object, message: string): void;
  info(entry: object, message: string): void;
  warn(entry: object, message: string): void;
  error(entry: object, message: string): void;
}

/** What the store needs of a clock: wall time in ms since 1970 UTC. */
export interface StoreClock {
  now(): number;
}
