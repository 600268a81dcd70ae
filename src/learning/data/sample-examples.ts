// Loads the invented articles that the page offers as examples; none of them is a training article of the sample.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { appError } from '../../foundation/core/index.ts';
import { samplePath } from './source-files.ts';

/** An example article, with the class that its author intended. */
export interface ExampleArticle {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  /** Class name. */
  readonly label: string;
  /** The name of an invented outlet. */
  readonly source: string;
}

const examplesSchema = z.array(
  z.object({ title: z.string(), text: z.string().min(1), label: z.string(), source: z.string() }),
);

/**
 * Reads sample/examples.json; returns an empty list if the sample is not installed.
 * @throws FILE_CORRUPT
 */
export function loadSampleExamples(
  path: string = join(dirname(samplePath), 'examples.json'),
): ExampleArticle[] {
  if (!existsSync(path)) return [];
  let examples: z.infer<typeof examplesSchema>;
  try {
    examples = examplesSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw appError('FILE_CORRUPT', {
      path,
      expected: 'a list of example articles',
      got: 'something else',
      remedy: 'npm ci',
    });
  }
  return examples.map((example, index) => ({ id: `example-${index + 1}`, ...example }));
}
