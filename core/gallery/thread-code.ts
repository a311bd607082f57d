import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { ScanSetup } from './scanner.ts';

/** The inner loops of a search: `scan.wat`, compiled by `compile-scan.ts`. */
export const SCAN_CODE = new URL('./scan.wasm', import.meta.url);
const PROGRAM = new URL('./scan-thread.ts', import.meta.url);

/**
 * For threads to instantiate.
 * @throws WebAssembly.CompileError where the runtime knows no relaxed SIMD
 */
export function loadScanCode(): WebAssembly.Module {
  const code = readFileSync(SCAN_CODE);
  // Node 20 has the products of bytes, but does not take them unasked; everything newer does.
  if (!WebAssembly.validate(code)) setFlagsFromString('--experimental-wasm-relaxed-simd');
  return new WebAssembly.Module(code);
}

/** Gives what starts a thread of `scan-thread.ts`. */
export async function threadStarter(): Promise<(setup: ScanSetup) => Worker> {
  if ('deno' in process.versions) return (workerData) => new Worker(PROGRAM, { workerData });
  // Under Node 20 a thread does not load TypeScript by itself, and the loader would take 30 MB in each.
  const { build, stop } = await import('esbuild');
  const options = { bundle: true, write: false, platform: 'node', format: 'cjs' } as const;
  const [code] = (await build({ entryPoints: [fileURLToPath(PROGRAM)], ...options })).outputFiles;
  // Its process would stay for as long as this one.
  await stop();
  return (workerData) => new Worker(code?.text ?? '', { eval: true, execArgv: [], workerData });
}
