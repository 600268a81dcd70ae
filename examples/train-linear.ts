// Trains, evaluates and registers the fast linear model on the bundled synthetic sample, from your own program.
// npx tsx examples/train-linear.ts [data=csv data.path=FILE …]   (any overrides of `veracity train`)
import { train } from 'veracity';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort('Ctrl-C'));

const overrides = process.argv.slice(2);
const outcome = await train(['model=linear', ...overrides], {
  signal: stop.signal,
  say: (line) => console.error(line),
});

if (outcome.status === 'stopped') {
  console.log(`stopped at step ${outcome.steps}; continue with: ${outcome.resume}`);
} else {
  const { modelVersion, seconds, test } = outcome.result;
  console.log(
    `${modelVersion} after ${seconds.toFixed(1)} s: accuracy ${test.accuracy.toFixed(3)} on the test split`,
  );
  if (outcome.evaluations[0]?.synthetic)
    console.log('The articles are synthetic: this says nothing about real news.');
  console.log(`predict with: npx tsx examples/classify.ts ${modelVersion}`);
}
