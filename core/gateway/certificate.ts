import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import {
  type BoxName,
  isDue,
  makeAuthority,
  makeKey,
  ownNames,
  type Pair,
  sign,
  WRITTEN,
} from './certificate-making.ts';

/** Certificate and key the box serves HTTPS with, as PEM, and the SHA-256 fingerprint people can compare. */
export interface Certificate {
  cert: string;
  key: string;
  fingerprint: string;
  /** The authority that signed it, as PEM: whoever installs it is not warned any more. Not of every box. */
  authority?: string;
}

/**
 * Reads the box's certificate; at the first start makes an authority for ten years and a certificate signed by it. One
 * of the box's own authority is signed anew, for the same key, when it ends soon or the box has another address; any
 * other certificate that lies there is left as it is.
 *
 * What a box makes while its clock stands in the past begins when this software was written. An authority that ended
 * before that comes from such a clock and was never of use to anybody: all is made anew. What was made while the clock was
 * ahead begins too late: it is signed anew by the next start at which the clock can be right.
 */
export async function ensureCertificate(
  dataFolder: string,
  { now: clock = Date.now(), names = ownNames() }: { now?: number; names?: BoxName[] } = {},
): Promise<Certificate> {
  const now = Math.max(clock, WRITTEN);
  const folder = join(dataFolder, 'tls');
  const file = {
    cert: join(folder, 'certificate.pem'),
    key: join(folder, 'key.pem'),
    authorityCert: join(folder, 'ca.pem'),
    authorityKey: join(folder, 'ca-key.pem'),
  };
  const [kept, found] = [await pair(file.cert, file.key), await pair(file.authorityCert, file.authorityKey)];
  const own = kept && found && signedBy(kept.cert, found);
  const early = (cert: string) => clock > WRITTEN && Date.parse(new X509Certificate(cert).validFrom) > clock;
  const authority = found && endOf(found) > WRITTEN && !early(found.cert) ? found : undefined;
  if (kept && !own) return certificate(kept);
  if (kept && authority) {
    if (!outdated(kept.cert, names, now) && !early(kept.cert)) return certificate(kept, authority);
    const cert = await sign(authority, kept.key, names, now);
    await keep(file.cert, cert, 0o644);
    return certificate({ cert, key: kept.key }, authority);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const signer = authority ?? (await makeAuthority(names, now));
  if (!authority) {
    await keep(file.authorityKey, signer.key, 0o600);
    await keep(file.authorityCert, signer.cert, 0o644);
  }
  const key = await makeKey();
  const cert = await sign(signer, key, names, now);
  await keep(file.key, key, 0o600);
  // The certificate comes last: one without the other is made anew.
  await keep(file.cert, cert, 0o644);
  return certificate({ cert, key }, signer);
}

function certificate({ cert, key }: Pair, authority?: Pair): Certificate {
  const { fingerprint256 } = new X509Certificate(cert);
  return { cert, key, fingerprint: fingerprint256, ...(authority ? { authority: authority.cert } : {}) };
}

function signedBy(cert: string, authority: Pair): boolean {
  const leaf = new X509Certificate(cert);
  const issuer = new X509Certificate(authority.cert);
  return leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey);
}

function endOf({ cert }: Pair): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

/** It ends soon, or does not name what the box answers to. */
function outdated(cert: string, names: BoxName[], now: number): boolean {
  const leaf = new X509Certificate(cert);
  if (isDue(new Date(leaf.validTo), now)) return true;
  return names.some(({ type, value }) =>
    type === 'ip' && isIP(value) ? !leaf.checkIP(value) : !leaf.checkHost(value),
  );
}

/** Undefined where one of the two is not there. */
async function pair(certFile: string, keyFile: string): Promise<Pair | undefined> {
  try {
    const [cert, key] = await Promise.all([readFile(certFile, 'utf8'), readFile(keyFile, 'utf8')]);
    return { cert, key };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return undefined;
  }
}

/** Writes a file whole or not at all, also when the power goes. */
async function keep(file: string, text: string, mode: number): Promise<void> {
  await writeFile(`${file}.new`, text, { mode, flush: true });
  await chmod(`${file}.new`, mode);
  await rename(`${file}.new`, file);
}
