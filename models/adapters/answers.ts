import type { AnswersCard, HeadCard } from '../catalog.ts';
import type { Finding } from './types.ts';

/** What a model's card says of its outputs. */
export interface AnswerCard {
  heads: readonly HeadCard[];
  /** Names of the outputs, where the heads go by these. */
  labels: readonly string[];
  answers?: AnswersCard | undefined;
}

/** Numbers of the output that a head takes which does not go by labels. */
const widthOf = ({ values }: HeadCard) => values.length || 1;

const byLabels = ({ heads }: AnswerCard) => heads.some(({ from }) => from);

/** How many numbers such a model gives. */
export function answerLength(card: AnswerCard): number {
  return byLabels(card) ? card.labels.length : card.heads.reduce((sum, head) => sum + widthOf(head), 0);
}

/**
 * The probabilities behind a model's numbers; what is none, as an age, stays as it is.
 * @param output as many numbers as `answerLength` says
 * @throws Error for numbers that are not finite
 */
export function probabilitiesOf(card: AnswerCard, output: Float32Array): Float32Array {
  if (!output.every(Number.isFinite)) throw new Error('the model gave numbers that are not finite');
  const { heads, answers } = card;
  if (answers?.as !== 'logits') return output;
  if (answers.right === 'each') return output.map((logit) => 1 / (1 + Math.exp(-logit)));
  if (byLabels(card)) return softmax(output);
  const probabilities = Float32Array.from(output);
  let from = 0;
  for (const head of heads) {
    const numbers = probabilities.subarray(from, from + widthOf(head));
    if (head.values.length > 0) numbers.set(softmax(numbers));
    from += numbers.length;
  }
  return probabilities;
}

function softmax(logits: Float32Array): Float32Array {
  // Without the largest taken off, a logit of 90 is beyond what a float32 holds.
  const most = Math.max(...logits);
  const powers = logits.map((logit) => Math.exp(logit - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** The mean of what several models say, number by number. */
export function averageOf(all: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array(), ...more] = all;
  return first.map((number, i) => more.reduce((sum, one) => sum + one[i]!, number) / all.length);
}

/**
 * What a model's numbers say: for each head the value of the highest probability, with that, or a number. What is not
 * there, and what the model is not sure enough of, is left out.
 */
export function readAnswers(card: AnswerCard, probabilities: Float32Array): Finding[] {
  const found: Finding[] = [];
  let at = 0;
  for (const head of card.heads) {
    const { name, values, scale = 1, omit, least = 0, from } = head;
    const next = probabilities.subarray(at, at + widthOf(head));
    at += next.length;
    if (values.length === 0) {
      // A whole number, written as the interface does: 26.000000
      found.push({ name, value: Math.max(0, Math.round(next[0]! * scale)).toFixed(6), score: 1 });
      continue;
    }
    const scores = from ? scoresByLabels(card, from, probabilities) : next;
    let best = 0;
    for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
    const value = values[best]!;
    const score = scores[best]!;
    if (value !== omit && score >= least) found.push({ name, value, score });
  }
  return found;
}

/** Of each value: that one of its labels is right; of a value without labels: that no other is. */
function scoresByLabels(
  { labels, answers }: AnswerCard,
  from: readonly (readonly string[])[],
  probabilities: Float32Array,
): number[] {
  const anyOf = (some: readonly string[]) => {
    const each = some.map((label) => probabilities[labels.indexOf(label)]!);
    // Where labels are by themselves, two that are half sure do not make one that is certain.
    return answers?.right === 'each' ? Math.max(...each) : each.reduce((sum, one) => sum + one, 0);
  };
  return from.map((some) => (some.length > 0 ? anyOf(some) : 1 - anyOf(from.flat())));
}
