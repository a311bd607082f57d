import { defineDescriber } from '../../../core/vision/describer.ts';
import { createClassifier } from '../../../models/adapters/index.ts';

/** The head that says what a body does; it is no attribute of the interface. */
const STATUS = 'status';

/** Says of a face or body what its model sees, in the names and values of the model's card. */
export default defineDescriber({
  create: async ({ id, model, threads, log }) => {
    if (!model) throw new Error(`describer "${id}" was given no model`);
    const classifier = await createClassifier(model, { threads });
    log.info({ model: model.id, threads }, 'describer is ready');
    return {
      describe: async (shot) => {
        const found = await classifier.classify(shot);
        const { [STATUS]: status, ...attributes } = Object.fromEntries(found.map(({ name, value }) => [name, value]));
        return { attributes, ...(status === undefined ? {} : { status }) };
      },
      close: () => classifier.close(),
    };
  },
});
