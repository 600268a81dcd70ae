// veracity data checkout: makes data what its pointers say, from the cache.
import { type CheckoutAnswer, checkoutData } from '../../workflows/versioning/index.ts';
import type { Command } from './command.ts';

export const dataCheckoutCommand: Command = {
  name: 'data checkout',
  summary: 'make data what its pointers say, from the cache',
  argumentsUsage: '[path...]',
  options: [{ flags: '--force', description: 'also where a change is lost that is in no cache' }],
  examples: [
    'git checkout main && veracity data checkout',
    'veracity data checkout data/articles.csv --force',
  ],
  run: async ({ args, options }, context) => {
    const answer = await checkoutData(args, { force: options.force === true }, context);
    return { json: answer, text: formatCheckout(answer) };
  },
};

/** One line for each file or folder that was changed. */
export function formatCheckout({ data }: CheckoutAnswer): string {
  const changed = data.filter(({ written, deleted }) => written + deleted > 0);
  if (changed.length === 0)
    return data.length === 0 ? 'no data with pointers' : 'all data is as its pointers say';
  return changed
    .map(({ path, written, deleted }) => {
      const parts = [
        ...(written === 0 ? [] : [`${written} ${written === 1 ? 'file' : 'files'} written`]),
        ...(deleted === 0 ? [] : [`${deleted} deleted`]),
      ];
      return `${path}: ${parts.join(', ')}`;
    })
    .join('\n');
}
