// What a model says about its texts to the people who use it: the language, found from validation texts, and the examples
// that it keeps if the configuration asks for them.
import type { KeptExample } from '../../foundation/records/index.ts';
import { detectLanguage } from '../../text/language/index.ts';
import type { TrainingJob } from './training-job.ts';

export interface ModelPresentation {
  readonly noun: string;
  /** Absent: unknown, or several. */
  readonly language?: string;
  readonly examples: readonly KeptExample[];
}

/** Texts that the language is found from. */
const LANGUAGE_TEXTS = 200;
/** A kept example is no longer than this: the page shows it whole. */
const MAX_EXAMPLE_CHARS = 4000;

export async function buildPresentation({
  config,
  inputs,
  context,
}: TrainingJob): Promise<ModelPresentation> {
  const { manifest } = inputs;
  const texts: string[] = [];
  const chosen = new ExampleChoice(manifest.classNames, config.register_examples);
  for await (const { title, text, label, source } of context.stores.datasets.readSplit(
    manifest,
    'validation',
  )) {
    if (texts.length < LANGUAGE_TEXTS) texts.push(`${title}\n${text}`);
    chosen.offer({ title, text, label: manifest.classNames[label]!, source });
    if (texts.length === LANGUAGE_TEXTS && chosen.isFull) break;
  }
  const language = config.data.language ?? detectLanguage(texts);
  return {
    noun: config.data.noun,
    ...(language === null ? {} : { language }),
    examples: chosen.list(),
  };
}

/** Takes the first articles of each class, as many of one as of another. */
class ExampleChoice {
  readonly #byClass: ReadonlyMap<string, KeptExample[]>;
  readonly #count: number;
  readonly #perClass: number;

  constructor(classNames: readonly string[], count: number) {
    this.#byClass = new Map(classNames.map((name) => [name, []]));
    this.#count = count;
    this.#perClass = Math.ceil(count / classNames.length);
  }

  get isFull(): boolean {
    return [...this.#byClass.values()].every(({ length }) => length >= this.#perClass);
  }

  offer(example: KeptExample): void {
    const { title, text, label } = example;
    const taken = this.#byClass.get(label)!;
    if (taken.length < this.#perClass && title.length + text.length <= MAX_EXAMPLE_CHARS) taken.push(example);
  }

  /** In turn from each class, the first of each first. */
  list(): KeptExample[] {
    const rounds = Array.from({ length: this.#perClass }, (_, round) =>
      [...this.#byClass.values()].flatMap((examples) => examples[round] ?? []),
    );
    return rounds.flat().slice(0, this.#count);
  }
}
