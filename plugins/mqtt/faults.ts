/** What is wrong with a connection, in sentences for people. */

/** Codes of CONNACK and DISCONNECT, of MQTT 3.1.1 and 5. */
const REASONS: Record<number, string> = {
  1: 'the broker does not speak this version of MQTT: choose the other one',
  2: 'the broker refused the client id',
  3: 'the broker is not available',
  4: 'the broker refused user and password',
  5: 'the broker does not allow this user to connect',
  132: 'the broker does not speak this version of MQTT: choose the other one',
  133: 'the broker refused the client id',
  134: 'the broker refused user and password',
  135: 'the broker does not allow this user to connect',
  136: 'the broker is not available',
  137: 'the broker is busy',
  138: 'the broker has banned this box',
  139: 'the broker is shutting down',
  142: 'another client has taken over the connection: two boxes must not have the same serial number',
  147: 'the broker was sent too much at once',
  149: 'the broker was sent a message that is too large for it',
};

const SOCKET: Record<string, string> = {
  ECONNREFUSED: 'nobody answers at this address',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name cannot be looked up at the moment',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the broker closed the connection',
  EPIPE: 'the broker closed the connection',
  CERT_HAS_EXPIRED: 'the certificate of the broker has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate of the broker is signed by nobody known: enter its authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate of the broker is signed by nobody known: enter its authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate of the broker is signed by nobody known: enter its authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate of the broker is signed by nobody known: enter its authority',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate of the broker is made for another name',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the broker wants a certificate of this box',
};

export function reasonOf(code: number): string {
  return REASONS[code] ?? `the broker ended the connection with code ${code}`;
}

/** @param error of a socket, of TLS or of the client */
export function faultOf(error: Error & { code?: unknown }): string {
  const { code, message } = error;
  if (typeof code === 'number') return reasonOf(code);
  if (typeof code === 'string' && SOCKET[code]) return SOCKET[code];
  if (/connack timeout/i.test(message)) return 'the broker does not answer';
  if (/keepalive timeout/i.test(message)) return 'the broker answers no longer';
  return message.replace(/\p{Cc}+/gu, ' ').slice(0, 200);
}
