// Predicts one article with a trained model.
// npx tsx examples/classify.ts [MODEL] [TITLE] [TEXT]   (NAME, NAME@2, NAME@production or a folder; default: what is served)
import { formatWarning, loadClassifier } from 'veracity';

const [
  model,
  title = 'Salt bowls bring rain, and nobody may know',
  text = 'Everyone who tried it says the same. Send this to all your friends before it is taken down.',
] = process.argv.slice(2);

const classifier = await loadClassifier(model);
try {
  const [detailed] = await classifier.predictDetailed([{ title, text }]);
  if (detailed === undefined) throw new Error('one article in, one prediction out');
  const { label, probability, abstained } = detailed.prediction;
  console.log(abstained ? 'not sure' : `${label}, probability ${probability.toFixed(3)}`);
  for (const warning of detailed.warnings) console.log(`note: ${formatWarning(warning)}`);
  const { datasetName, synthetic } = classifier.info;
  console.log(
    `model ${classifier.modelVersion}, trained on ${datasetName}${synthetic ? ' (synthetic)' : ''}`,
  );
} finally {
  await classifier.dispose();
}
