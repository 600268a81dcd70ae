// Runs the built program in a temporary folder, as a user does: articles as CSV, a home, the command line.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { createRandom } from '../../src/foundation/core/random.ts';

const cli = process.env.VERACITY_TEST_CLI ?? fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/** Settings of a short training on articles.csv. */
export const TRAINING_SETTINGS = [
  'data=csv',
  'data.path=articles.csv',
  'data.accept_leaks="invented articles, easy on purpose"',
  'seed=3',
  'data.split.seed=3',
  'threads=1',
  'evaluate.bootstrap=20',
];

export interface StartedProgram {
  readonly child: ChildProcess;
  /** Standard error so far. */
  readonly said: () => string;
  /** Standard output so far. */
  readonly out: () => string;
}

/** A folder with articles.csv, and the program run in it. */
export class ProgramFolder {
  readonly path: string;
  readonly #children: ChildProcess[] = [];

  /** @param options.words  random words in each article, after the word that reveals its label */
  constructor({ words }: { readonly words: number }) {
    this.path = mkdtempSync(join(tmpdir(), 'veracity-pretrained-'));
    writeArticles(join(this.path, 'articles.csv'), words);
  }

  start(...args: string[]): StartedProgram {
    const child = spawn(process.execPath, [cli, ...args], {
      cwd: this.path,
      env: { ...process.env, VERACITY_HOME: join(this.path, 'home') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let out = '';
    let said = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    return { child, said: () => said, out: () => out };
  }

  async run(...args: string[]): Promise<{ code: number | null; said: string; out: string }> {
    const { child, said, out } = this.start(...args);
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, said: said(), out: out() };
  }

  async runJson<T>(...args: string[]): Promise<T> {
    const { code, said, out } = await this.run(...args, '--json');
    expect(code, said).toBe(0);
    return JSON.parse(out) as T;
  }

  /** Ends processes that still run and removes the folder. */
  remove(): void {
    for (const child of this.#children.splice(0)) child.kill('SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** Waits until the program has printed the expected text; fails if it ends before. */
export function untilSaid({ child, said, out }: StartedProgram, wanted: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const read = (): void => {
      const found = wanted.exec(said() + out());
      if (found !== null) resolve(found);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('close', () => reject(new Error(`ended without ${wanted}: ${said()}`)));
    read();
  });
}

/** 400 articles of random words, one of which reveals the label: any encoder learns this in a minute. */
function writeArticles(path: string, words: number): void {
  const random = createRandom('articles');
  const word = (): string =>
    Array.from({ length: 5 }, () => String.fromCharCode(97 + random.integer(26))).join('');
  const rows = Array.from({ length: 400 }, (_, i) => {
    const sign = i % 2 === 0 ? 'water' : 'council';
    return `${word()},${sign} ${Array.from({ length: words }, word).join(' ')},${i % 2 === 0 ? 'FAKE' : 'REAL'}`;
  });
  writeFileSync(path, ['title,text,label', ...rows].join('\n'));
}
