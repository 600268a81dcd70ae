import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CollectedWarnings } from './collected-warnings.ts';
import { runProgram } from './program.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'veracity-warnings-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  const exitCode = await runProgram(argv, {
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    environment: { VERACITY_HOME: folder, VERACITY_HOMEE: 'x' },
    workingDirectory: folder,
    signal: new AbortController().signal,
    version: '1.0.0',
  });
  return { exitCode, stdout, stderr };
}

describe('warnings with --json', () => {
  test('stand in the document as sentences and facts, and on standard error as without it', async () => {
    writeFileSync(join(folder, 'letters.csv'), writeLetters());
    const data = [
      'data=csv',
      'data.path=letters.csv',
      'data.split.test=0',
      'model.buckets=1000',
      'model.dim=4',
    ];
    const trained = await run(
      'train',
      'model=linear',
      ...data,
      'train.epochs=1',
      'evaluate.bootstrap=10',
      '--json',
    );
    expect(trained.exitCode).toBe(0);
    const { warnings, warningFacts } = JSON.parse(trained.stdout);
    expect(warningFacts.map(({ code }: { code: string }) => code)).toEqual(
      expect.arrayContaining(['VARIABLE_UNKNOWN', 'NO_TEST_SPLIT']),
    );
    expect(warningFacts.map(({ message }: { message: string }) => message)).toEqual(warnings);
    for (const warning of warnings) expect(trained.stderr).toContain(warning.split('\n')[0]);
  });

  test('stand beside an error, and the document is the only one', async () => {
    const { stdout, exitCode } = await run('predict', '--text', 'a', '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: 'MODEL_NONE' },
      warningFacts: [{ code: 'VARIABLE_UNKNOWN', variable: 'VERACITY_HOMEE', closest: 'VERACITY_HOME' }],
    });
  });

  test('are not repeated where the command has them already, and lists stay lists', () => {
    const collected = new CollectedWarnings();
    const shown: string[] = [];
    const warn = collected.collect((text) => shown.push(text));
    warn('one', { code: 'ONE', n: 1 });
    warn('one', { code: 'ONE', n: 1 });
    warn('two');
    expect(shown).toEqual(['one', 'one', 'two']);
    const own = { n: 5, warnings: ['one'], warningFacts: [{ code: 'ONE', message: 'one' }] };
    expect(collected.addTo(own)).toEqual({
      n: 5,
      warnings: ['one', 'two'],
      warningFacts: [
        { code: 'ONE', message: 'one' },
        { code: 'UNCODED', message: 'two' },
      ],
    });
    expect(collected.addTo([1])).toEqual([1]);
    expect(collected.addTo(undefined)).toBe(undefined);
  });
});

function writeLetters(): string {
  const words = [
    'ferry',
    'harbour',
    'council',
    'bridge',
    'garden',
    'market',
    'school',
    'river',
    'train',
    'museum',
  ];
  const rows = Array.from({ length: 60 }, (_, i) => {
    const text = words
      .map((word, at) => `${word}${(i * 7 + at * 13) % 97} ${words[(i + at) % 10]}`)
      .join(' ');
    return `Letter ${i} of ${words[i % 10]},${text},${i % 2 === 0 ? 'praise' : 'complaint'}`;
  });
  return ['title,text,label', ...rows].join('\n');
}
