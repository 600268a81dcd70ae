// Predicts one article with a trained model folder.
// npx tsx examples/classify.ts [MODEL FOLDER] [TITLE] [TEXT]   (default: version 1 of the linear model)
import { join } from 'node:path';
import { formatWarning, loadClassifier, locateHome } from 'veracity';

const [
  folder = join(locateHome().models, 'linear', '1'),
  title = 'Salt bowls bring rain, and nobody may know',
  text = 'Everyone who tried it says the same. Send this to all your friends before it is taken down.',
] = process.argv.slice(2);

const classifier = await loadClassifier(folder, { threads: 0 });
try {
  const [detailed] = await classifier.predictDetailed([{ title, text }]);
  if (detailed === undefined) throw new Error('one article in, one prediction out');
  const { label, probability, abstained } = detailed.prediction;
  console.log(abstained ? 'not sure' : `${label}, probability ${probability.toFixed(3)}`);
  for (const warning of detailed.warnings) console.log(`note: ${formatWarning(warning)}`);
  const { datasetName, synthetic } = classifier.info;
  console.log(
    `model of run ${classifier.modelVersion}, trained on ${datasetName}${synthetic ? ' (synthetic)' : ''}`,
  );
} finally {
  await classifier.dispose();
}
