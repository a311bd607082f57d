/** Rows or columns that `assign` accepts where the caller names no other bound: the work grows with its cube. */
export const LARGEST_ASSIGNMENT = 200;

/**
 * Optimal one-to-one assignment of rows to columns (Hungarian method with shortest augmenting paths, O(n³)).
 *
 * A row may stay without a column at the price `limit`, so a pair is made only where that lowers the total;
 * costs may be negative, and a cost that is not below `limit` or not a number never makes a pair.
 * @param cost cost[row][column], every row of equal length
 * @param limit price of leaving a row without a column
 * @param largest most rows or columns to accept
 * @returns for every row its column, or -1
 * @throws RangeError where the matrix is ragged or too large, or the limit is not finite
 */
export function assign(
  cost: readonly ArrayLike<number>[],
  limit: number,
  largest: number = LARGEST_ASSIGNMENT,
): number[] {
  const rows = cost.length;
  const columns = cost[0]?.length ?? 0;
  if (rows > largest || columns > largest) {
    throw new RangeError(`assignment of ${rows} x ${columns} is larger than ${largest}`);
  }
  if (cost.some((row) => row.length !== columns)) throw new RangeError('assignment rows differ in length');
  if (!Number.isFinite(limit)) throw new RangeError(`assignment limit must be finite, got ${limit}`);
  if (rows === 0 || columns === 0) return new Array<number>(rows).fill(-1);

  // Every row brings a column of its own, "unmatched", that is free of charge; real pairs count by what they save.
  const saving = (row: number, column: number): number => {
    if (column >= columns) return 0;
    const value = cost[row]![column]! - limit;
    if (value < 0 && value > -Infinity) return value;
    return 0;
  };
  const partner = solve(rows, columns + rows, saving);
  return partner.map((column, row) => (column < columns && saving(row, column) < 0 ? column : -1));
}

/** Minimises the sum over all rows of cost(row, column); needs columns >= rows. Returns the column of every row. */
function solve(rows: number, columns: number, cost: (row: number, column: number) => number): number[] {
  // Columns are counted from 1: column 0 is the start of every search, held by the row that seeks a place.
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const holder = new Int32Array(columns + 1);
  const previous = new Int32Array(columns + 1);

  for (let seeker = 1; seeker <= rows; seeker++) {
    holder[0] = seeker;
    const distance = new Float64Array(columns + 1).fill(Infinity);
    const settled = new Uint8Array(columns + 1);
    let column = 0;
    do {
      settled[column] = 1;
      const row = holder[column]!;
      let step = Infinity;
      let next = 0;
      for (let c = 1; c <= columns; c++) {
        if (settled[c]) continue;
        const reduced = cost(row - 1, c - 1) - rowPotential[row]! - columnPotential[c]!;
        if (reduced < distance[c]!) {
          distance[c] = reduced;
          previous[c] = column;
        }
        if (distance[c]! < step) {
          step = distance[c]!;
          next = c;
        }
      }
      for (let c = 0; c <= columns; c++) {
        if (settled[c]) {
          const held = holder[c]!;
          rowPotential[held] = rowPotential[held]! + step;
          columnPotential[c] = columnPotential[c]! - step;
        } else {
          distance[c] = distance[c]! - step;
        }
      }
      column = next;
    } while (holder[column] !== 0);
    while (column !== 0) {
      const before = previous[column]!;
      holder[column] = holder[before]!;
      column = before;
    }
  }

  const result = new Array<number>(rows).fill(-1);
  for (let c = 1; c <= columns; c++) {
    const row = holder[c]!;
    if (row > 0) result[row - 1] = c - 1;
  }
  return result;
}
