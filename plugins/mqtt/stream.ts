import { connect as connectPlain, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type IClientOptions, MqttClient } from 'mqtt';
import { createWebSocketStream, WebSocket } from 'ws';
import { type AddressRules, addressFault, checkedLookup, hostOf } from '../../core/net/addresses.ts';
import { type Settings, wholePem } from './settings.ts';

const PORTS: Record<string, number> = { 'mqtt:': 1883, 'mqtts:': 8883 };
const CONNECT_MS = 10_000;
/** The broker drops the connection of a box that has been silent for one and a half times this, s. */
const KEEPALIVE_S = 30;
/** How long a broker that speaks MQTT 5 keeps a session nobody comes back for: as long as the outbox keeps events, s. */
const SESSION_S = 24 * 3600;
/** Nothing the box listens to is nearly as large. */
const MOST_INCOMING = 64 * 1024;

export interface ConnectionSettings
  extends Pick<Settings, 'url' | 'user' | 'password' | 'ca' | 'certificate' | 'key' | 'protocol'> {
  clientId: string;
  /** Where the broker says `offline` for the box when it is gone; undefined: nowhere. */
  willTopic?: string;
  /** The broker keeps the subscriptions, and what comes for them, while there is no connection. */
  keepSession: boolean;
}

/**
 * Begins one connection to a broker, which is not tried again. Its address is checked where it is used: the connection
 * goes to no other one.
 * @throws AddressError for an IP address that must not be connected to
 */
export function openClient(settings: ConnectionSettings, rules: AddressRules): MqttClient {
  const url = new URL(settings.url);
  const host = hostOf(url);
  const fault = isIP(host) ? addressFault(host, rules) : undefined;
  if (fault) throw new Error(fault);
  const lookup = checkedLookup(rules);
  const tls = {
    ...(settings.ca ? { ca: wholePem(settings.ca) } : {}),
    ...(settings.certificate ? { cert: wholePem(settings.certificate) } : {}),
    ...(settings.key ? { key: wholePem(settings.key) } : {}),
  };
  const port = Number(url.port) || PORTS[url.protocol];
  const servername = isIP(host) ? {} : { servername: host };
  // Small packets go at once: an acknowledgement is waited for behind each.
  const open = () => {
    switch (url.protocol) {
      case 'mqtt:':
        return connectPlain({ host, port: port ?? 1883, lookup }).setNoDelay(true);
      case 'mqtts:':
        return connectTls({ host, port, lookup, ...servername, ...tls }).setNoDelay(true);
      default: {
        const socket = new WebSocket(url, ['mqtt'], { lookup, ...tls, maxPayload: 2 * MOST_INCOMING });
        return createWebSocketStream(socket);
      }
    }
  };
  return new MqttClient(open, clientOptions(settings));
}

function clientOptions(settings: ConnectionSettings): IClientOptions {
  const { clientId, user, password, protocol, willTopic, keepSession } = settings;
  const version5 = protocol === '5';
  const sessionExpiryInterval = keepSession ? SESSION_S : 0;
  return {
    clientId,
    clean: !keepSession,
    protocolVersion: version5 ? 5 : 4,
    ...(version5 ? { properties: { sessionExpiryInterval, maximumPacketSize: MOST_INCOMING } } : {}),
    ...(user ? { username: user } : {}),
    ...(password ? { password } : {}),
    keepalive: KEEPALIVE_S,
    connectTimeout: CONNECT_MS,
    // Connections are begun anew by `Broker`: then nothing waits in two places.
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(willTopic ? { will: { topic: willTopic, payload: Buffer.from('offline'), qos: 1, retain: true } } : {}),
  };
}

/** Ends a client whose broker sends what is larger than anything the box listens to. Call before anything arrives. */
export function boundIncoming(client: MqttClient, exceeded: () => void): void {
  let bytes = 0;
  client.stream.on('data', (chunk: Uint8Array) => {
    bytes += chunk.byteLength;
    if (bytes > 2 * MOST_INCOMING) exceeded();
  });
  client.on('packetreceive', () => {
    bytes = 0;
  });
}
