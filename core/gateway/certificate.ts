import { webcrypto, X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';

/** Certificate and key the box serves HTTPS with, as PEM, and the SHA-256 fingerprint people can compare. */
export interface Certificate {
  cert: string;
  key: string;
  fingerprint: string;
}

const TEN_YEARS_MS = 10 * 365 * 86_400_000;

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function fingerprintOf(cert: string): string {
  return new X509Certificate(cert).fingerprint256;
}

/** Names and addresses the box answers to at this moment. */
function ownNames(): { type: 'dns' | 'ip'; value: string }[] {
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => !one.address.startsWith('fe80'))
    .map((one) => ({ type: 'ip' as const, value: one.address }));
  return [{ type: 'dns', value: 'localhost' }, { type: 'dns', value: hostname() }, ...addresses];
}

async function make(): Promise<{ cert: string; key: string }> {
  // Loaded only here: a box makes a certificate once in its life.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(webcrypto as Crypto);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=Gatehouse',
    keys: keys as CryptoKeyPair,
    signingAlgorithm: algorithm,
    // A box whose clock starts at 1970 or a day late must not refuse its own certificate.
    notBefore: new Date(Date.now() - 2 * 86_400_000),
    notAfter: new Date(Date.now() + TEN_YEARS_MS),
    extensions: [
      new x509.BasicConstraintsExtension(false),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(ownNames()),
    ],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: pem('PRIVATE KEY', key) };
}

/** Writes a file whole or not at all, also when the power goes. */
async function keep(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode, flush: true });
  await chmod(`${file}.new`, mode);
  await rename(`${file}.new`, file);
}

/** Reads the box's certificate; at the first start makes a self-signed one for ten years. */
export async function ensureCertificate(dataFolder: string): Promise<Certificate> {
  const folder = join(dataFolder, 'tls');
  const certFile = join(folder, 'certificate.pem');
  const keyFile = join(folder, 'key.pem');
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    return { cert, key, fingerprint: fingerprintOf(cert) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const { cert, key } = await make();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await keep(keyFile, key, 0o600);
  // The certificate comes last: one without the other is made anew.
  await keep(certFile, cert, 0o644);
  return { cert, key, fingerprint: fingerprintOf(cert) };
}
