// Writes the second synthetic collection: npx tsx scripts/sample/other-outlets/generate.ts
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../../../src/foundation/core/atomic-file.ts';
import { formatRows } from '../build-sample.ts';
import { buildCollection } from './build-collection.ts';

const rows = buildCollection();
const path = fileURLToPath(new URL('../../../sample/other-outlets.jsonl', import.meta.url));
writeFileAtomic(path, formatRows(rows));
console.error(`${rows.length} synthetic articles written to sample/other-outlets.jsonl`);
