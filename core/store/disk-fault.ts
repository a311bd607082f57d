/** Below this share of free disk somebody should look: retention keeps more free where it can. */
const LOW = 0.1;

export interface DiskFacts {
  disk: { total: number; free: number };
  /** The reserve is given up: no pictures are stored. */
  reserveOut: boolean;
  /** Why retention could not make room, when it could not. */
  stillFull?: string | undefined;
}

/** What is wrong with the disk and what to do, in a sentence; undefined while there is room. */
export function diskFault({ disk, reserveOut, stillFull }: DiskFacts): string | undefined {
  const why = stillFull === undefined ? '' : ` (${stillFull})`;
  const help = 'delete captures, keep them for fewer days, or remove other files from the disk';
  if (reserveOut || disk.free === 0) return `the disk is full and captures are not stored${why}: ${help}`;
  if (disk.total > 0 && disk.free / disk.total >= LOW) return undefined;
  return `only ${Math.round((disk.free / disk.total) * 100)} % of the disk is free${why}: ${help}`;
}
