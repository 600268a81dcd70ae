// Writes the synthetic sample: npx tsx scripts/sample/generate.ts [--families FILE]
// --families also writes the frame and the plan of each row.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { writeFileAtomic } from '../../src/foundation/core/atomic-file.ts';
import { buildSample, formatExamples, formatRows } from './build-sample.ts';

const { values } = parseArgs({ options: { families: { type: 'string' } } });
const folder = new URL('../../sample/', import.meta.url);
const sample = buildSample();
writeFileAtomic(fileURLToPath(new URL('articles.jsonl', folder)), formatRows(sample.rows));
writeFileAtomic(fileURLToPath(new URL('examples.json', folder)), formatExamples(sample.examples));
if (values.families !== undefined)
  writeFileAtomic(values.families, `${JSON.stringify(sample.families, null, 1)}\n`);
console.error(
  `${sample.rows.length} synthetic articles and ${sample.examples.length} examples written to sample/`,
);
