import { type Description, defineDescriber } from '../../../core/vision/describer.ts';
import { createClassifier } from '../../../models/adapters/index.ts';

/** The head of a liveness model's card. */
const HEAD = 'alive';
const ALIVE_TYPES = new Map<string, NonNullable<Description['aliveType']>>([
  ['spoof', 1],
  ['alive', 2],
]);

/** Says whether a captured face is that of a living person. */
export default defineDescriber({
  create: async ({ id, model, threads, log }) => {
    if (!model) throw new Error(`describer "${id}" was given no model`);
    const values = model.heads?.find(({ name }) => name === HEAD)?.values ?? [];
    if (![...ALIVE_TYPES.keys()].every((value) => values.includes(value))) {
      throw new Error(`model ${model.id}: its card has no head "${HEAD}" with the values spoof and alive`);
    }
    const classifier = await createClassifier(model, { threads });
    log.info({ model: model.id, threads }, 'describer is ready');
    return {
      describe: async (shot) => {
        const said = (await classifier.classify(shot)).find(({ name }) => name === HEAD);
        const aliveType = ALIVE_TYPES.get(said?.value ?? '');
        return aliveType ? { aliveType } : {};
      },
      close: () => classifier.close(),
    };
  },
});
