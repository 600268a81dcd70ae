// A model folder tells nothing about the machine that trained it: no file of it, however it was trained, has the path of the
// working directory, the home, the temporary folder or the checkpoint.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProgramFolder, TRAINING_SETTINGS } from './program-folder.ts';
import { createTinyCheckpoint, type TinyFamily } from './tiny-checkpoint.ts';

let program: ProgramFolder;
beforeEach(() => {
  program = new ProgramFolder({ words: 30 });
});
afterEach(() => program.remove());

/** The files below `folder` in which one of the words stands, with the word. */
function findWords(folder: string, words: readonly string[]): string[] {
  const files = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile());
  expect(files.length).toBeGreaterThan(3);
  return files.flatMap((path) => {
    const bytes = readFileSync(path);
    return words.filter((word) => bytes.includes(word)).map((word) => `${path}: ${word}`);
  });
}

const PRIVATE = 'the-folder-of-somebody';
const traces = (): string[] => [program.path, PRIVATE, tmpdir(), homedir(), process.cwd()];

it.each<[string, TinyFamily | null, string[]]>([
  ['a linear model', null, ['model=linear']],
  [
    'a small transformer with its training articles',
    null,
    [
      'model=compact',
      'model.layers=1',
      'model.width=32',
      'model.heads=2',
      'model.feed_forward=32',
      'model.vocabulary=300',
      'register_index=true',
    ],
  ],
  ['a fine-tuned BERT with adapters', 'bert', ['model=bert', 'train.scope=lora']],
  ['a fine-tuned RoBERTa', 'roberta', ['model=roberta', 'train.scope=head']],
])(
  '%s has no path of this machine in its folder',
  async (_, family, model) => {
    const settings = [...model];
    if (family !== null) {
      const checkpoint = join(program.path, PRIVATE, 'tiny');
      createTinyCheckpoint(checkpoint, { family, file: { _name_or_path: checkpoint } });
      const path = join(checkpoint, 'tokenizer_config.json');
      const config = JSON.parse(readFileSync(path, 'utf8')) as object;
      const saved = {
        name_or_path: checkpoint,
        special_tokens_map_file: join(checkpoint, 'special_tokens_map.json'),
      };
      writeFileSync(path, JSON.stringify({ ...config, ...saved }));
      settings.push(`model.path='${checkpoint}'`, 'model.max_length=32');
    }
    const absolute = TRAINING_SETTINGS.map((setting) =>
      setting.startsWith('data.path=') ? `data.path='${join(program.path, 'articles.csv')}'` : setting,
    );
    const { path } = await program.runJson<{ path: string }>(
      'train',
      ...absolute,
      ...settings,
      'train.epochs=1',
    );
    expect(findWords(path, traces())).toEqual([]);
    if (family !== null) {
      expect(readFileSync(join(path, 'veracity.json'), 'utf8')).toContain('"name": "tiny"');
      expect(readFileSync(join(path, 'README.md'), 'utf8')).toContain('tiny');
    }
    if (model[0] === 'model=linear') return;
    const copy = await program.runJson<{ path: string }>(
      'models',
      'export',
      'articles@1',
      '--precision',
      'int8',
      '--out',
      'small',
    );
    expect(findWords(copy.path, traces())).toEqual([]);
  },
  120_000,
);
