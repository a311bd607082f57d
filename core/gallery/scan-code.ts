import { readFileSync } from 'node:fs';

/** The inner loops of a search: `scan.wat`, compiled by `compile-scan.ts`. */
export const SCAN_CODE = new URL('./scan.wasm', import.meta.url);

/** What `scan.wat` exports; it describes them. Addresses and sizes in bytes. */
export interface ScanCode {
  scan(
    high: number,
    scales: number,
    errors: number,
    rows: number,
    width: number,
    query: number,
    middle: number,
    spread: number,
    least: number,
    out: number,
  ): number;
  sift(
    low: number,
    scales: number,
    errors: number,
    list: number,
    count: number,
    width: number,
    query: number,
    middle: number,
    spread: number,
    least: number,
  ): number;
  product(face: number, query: number, width: number): number;
}

/** For another thread to instantiate. */
export function loadScanCode(): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(SCAN_CODE));
}

export function runScanCode(code: WebAssembly.Module, memory: WebAssembly.Memory): ScanCode {
  return new WebAssembly.Instance(code, { gallery: { memory } }).exports as unknown as ScanCode;
}
