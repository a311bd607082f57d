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
    bests: number,
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
    coarseLeast: number,
    spread: number,
    least: number,
  ): number;
  product(face: number, query: number, width: number): number;
}

export function runScanCode(code: WebAssembly.Module, memory: WebAssembly.Memory): ScanCode {
  return new WebAssembly.Instance(code, { gallery: { memory } }).exports as unknown as ScanCode;
}
