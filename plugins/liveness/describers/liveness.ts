import { type Description, defineDescriber } from '../../../core/vision/describer.ts';
import { createClassifier, type Finding } from '../../../models/adapters/index.ts';

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
    const card = model.heads?.find(({ name }) => name === HEAD);
    if (![...ALIVE_TYPES.keys()].every((value) => card?.values.includes(value))) {
      throw new Error(`model ${model.id}: its card has no head "${HEAD}" with the values spoof and alive`);
    }
    // How sure is sure enough is up to the camera first: the card must not hold back what it would still take.
    const heads = model.heads?.map((head) => (head === card ? { ...head, least: 0 } : head));
    const classifier = await createClassifier({ ...model, heads }, { threads });
    log.info({ model: model.id, threads }, 'describer is ready');
    return {
      describe: async (shot) => {
        const said = (await classifier.classify(shot)).find(({ name }) => name === HEAD);
        const aliveType = said && judged(said, card?.least ?? 0, shot.aliveFrom);
        return aliveType ? { aliveType } : {};
      },
      close: () => classifier.close(),
    };
  },
});

/**
 * @param least probability from which on the model's card lets either be said
 * @param aliveFrom as of the shot: less sure than that is not alive
 */
function judged(
  { value, score }: Pick<Finding, 'value' | 'score'>,
  least: number,
  aliveFrom: number | undefined,
): Description['aliveType'] {
  if (aliveFrom === undefined) return score >= least ? ALIVE_TYPES.get(value) : undefined;
  const alive = ALIVE_TYPES.get(value) === 2 ? score : 1 - score;
  // Models tell 32-bit floats: 0.7 is a little less.
  const roundingError = 1e-4;
  return alive * 100 + roundingError >= aliveFrom ? 2 : 1;
}
