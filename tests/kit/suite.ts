import { type TestContext, test } from 'node:test';

type Act = () => void | Promise<void>;
type TestBody = (t: TestContext) => void | Promise<void>;

interface SuiteParts {
  before(act: Act): void;
  after(act: Act): void;
  test(name: string, body: TestBody): void;
}

/**
 * Tests that share what `before` makes, `atOnce` of them at a time. Like `describe`, whose tests under Deno never see
 * the end of what they leave to `t.after`.
 */
export function suite(
  name: string,
  { atOnce = 1, skip = false }: { atOnce?: number; skip?: string | false },
  declare: (parts: SuiteParts) => void,
): void {
  const befores: Act[] = [];
  const afters: Act[] = [];
  const tests: [name: string, body: TestBody][] = [];
  declare({
    before: (act) => void befores.push(act),
    after: (act) => void afters.push(act),
    test: (title, body) => void tests.push([title, body]),
  });
  test(name, { concurrency: atOnce, skip }, async (t) => {
    try {
      for (const act of befores) await act();
      const turns = Array.from({ length: atOnce }, async () => {
        for (let next = tests.shift(); next; next = tests.shift()) await t.test(...next);
      });
      await Promise.all(turns);
    } finally {
      for (const act of afters) await act();
    }
  });
}
