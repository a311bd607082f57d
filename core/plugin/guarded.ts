import type { RetentionPolicy } from '../store/retention.ts';
import type { PluginParts, WireSocket } from './contract.ts';
import type { Life } from './life.ts';

/** A plugin's parts as the rest of the box calls them: each call runs under the plugin's name, and is measured. */
export function guardedParts<Config>(life: Life, parts: PluginParts<Config>): PluginParts<Config> {
  return {
    ...parts,
    messages: (parts.messages ?? []).map((one) => ({
      ...one,
      handle: life.guard('request', `message ${one.id}`, (parameters, call) => one.handle(parameters, call)),
    })),
    routes: (parts.routes ?? []).map((one) => ({
      ...one,
      handle: life.guard('request', `${one.method} ${one.path}`, (input, call) => one.handle(input, call)),
    })),
    socketMessages: (parts.socketMessages ?? []).map((one) => ({
      ...one,
      handle: life.guard('request', `socket message ${one.id}`, (parameters, socket: WireSocket) =>
        one.handle(parameters, guardedSocket(life, socket)),
      ),
    })),
    topics: (parts.topics ?? []).map((one) => ({
      ...one,
      open: life.guard('request', `topic ${one.id}`, (params, subscriber) => {
        const close = one.open(params, subscriber);
        return life.guard('request', `end of topic ${one.id}`, () => close());
      }),
    })),
    on: (parts.on ?? []).map(({ event, handle }) => ({
      event,
      handle: life.guard('event', `listener of ${event.id}`, (payload: unknown) => handle(payload)),
    })),
  };
}

/** A policy whose every step runs under the plugin's name. */
export function guardedPolicy(life: Life, policy: RetentionPolicy): RetentionPolicy {
  const { keepDays, oldest, bytes } = policy;
  const run = <T>(work: () => T): T => life.run(`retention of ${policy.name}`, work);
  return {
    name: policy.name,
    removeOlderThan: (tx, time, limit) => run(() => policy.removeOlderThan(tx, time, limit)),
    removeOldest: (tx, limit) => run(() => policy.removeOldest(tx, limit)),
    ...(keepDays ? { keepDays: () => run(() => keepDays.call(policy)) } : {}),
    ...(oldest ? { oldest: () => run(() => oldest.call(policy)) } : {}),
    ...(bytes ? { bytes: () => run(() => bytes.call(policy)) } : {}),
  };
}

/** What goes wrong when a connection ends must not keep the core from hearing of that end. */
function guardedSocket(life: Life, socket: WireSocket): WireSocket {
  return {
    id: socket.id,
    source: socket.source,
    send: (frame) => socket.send(frame),
    close: (code, reason) => socket.close(code, reason),
    onClose: (callback) =>
      socket.onClose(() => {
        try {
          life.run('end of a socket', callback);
        } catch (error) {
          life.strayed(error);
        }
      }),
  };
}
