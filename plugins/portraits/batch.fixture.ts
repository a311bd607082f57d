import type { TestPlugin } from './fixture.ts';

/** What the answer to a batch and its list say, for tests only. */

export interface Outcome {
  err_count: number;
  url: string;
}

/** The lines of a list of results, each as its fields joined by commas. */
export function rowsOf(box: TestPlugin, url: string): string[] {
  const { data } = box.use.exports!.files.get(url)!;
  const [, ...lines] = data.trimEnd().split('\r\n');
  return lines.map((line) => line.slice(1, -1).split('","').join());
}
