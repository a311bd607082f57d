import { readFileSync, writeFileSync } from 'node:fs';
import startWabt from 'wabt';
import { SCAN_CODE } from './thread-code.ts';

/**
 * Compiles `scan.wat`, for whoever changes it (`wabt` is a package for development):
 *
 *     node --import tsx core/gallery/compile-scan.ts
 */
export async function compileScan(): Promise<Uint8Array> {
  const wabt = await startWabt();
  const source = readFileSync(new URL('./scan.wat', import.meta.url), 'utf8');
  const compiled = wabt.parseWat('scan.wat', source, { simd: true, relaxed_simd: true, threads: true });
  try {
    return compiled.toBinary({}).buffer;
  } finally {
    compiled.destroy();
  }
}

if (process.argv[1] === import.meta.filename) writeFileSync(SCAN_CODE, await compileScan());
