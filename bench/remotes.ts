// Bench of pushes and pulls against DVC, on a remote in a folder: 10,000 small files, and one sparse file of 2 GB. Whole commands
// in turn, each with an empty remote (push) or an empty cache and no data (pull). Both write the same layout.
// Without VERACITY_BENCH_DVC only ours is timed; with --check on less data, to see that it runs.
// VERACITY_BENCH_DVC=/path/to/dvc npx tsx bench/remotes.ts [--allow-busy]     (needs dist: npm run build)
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDetails } from './details.ts';
import { runSuite } from './harness.ts';
import { repositoryRoot, runInTurn, timeMs } from './sides.ts';

const SUITE = 'remotes';
const isCheck = process.argv.includes('--check');
const ROUNDS = isCheck ? 1 : Number(process.env.VERACITY_BENCH_ROUNDS ?? 3);
const FILES = isCheck ? 200 : 10_000;
const BIG_BYTES = isCheck ? 20_000_000 : 2_000_000_000;
const CLI = join(repositoryRoot, 'dist/cli.js');
const dvc = isCheck ? undefined : process.env.VERACITY_BENCH_DVC;
if (dvc !== undefined && !existsSync(dvc)) throw new Error(`VERACITY_BENCH_DVC: no program at ${dvc}`);

const root = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const repository = join(root, 'repository');
const remote = join(root, 'remote');
const env = {
  ...process.env,
  VERACITY_HOME: join(root, 'home'),
  DVC_NO_ANALYTICS: '1',
  DVC_SITE_CACHE_DIR: join(root, 'site'),
  DVC_GLOBAL_CONFIG_DIR: join(root, 'user'),
};
const call = (program: string, ...args: string[]): void => {
  execFileSync(program, args, { cwd: repository, env, stdio: ['ignore', 'ignore', 'inherit'] });
};
const ours = (...args: string[]): void => call(process.execPath, CLI, 'data', ...args);
const remove = (...names: string[]): void => {
  for (const name of names) rmSync(join(root, name), { recursive: true, force: true });
};
/** What is left of an earlier pull, so that everything is fetched and checked out again. */
const forget = (name: string): void =>
  remove(`repository/${name}`, 'repository/.dvc/cache', 'repository/.dvc/tmp', 'site', 'home');

try {
  mkdirSync(join(repository, 'small'), { recursive: true });
  for (let i = 0; i < FILES; i++)
    writeFileSync(join(repository, 'small', `${i}.txt`), `article ${i}\n`.repeat(1 + (i % 300)));
  const big = openSync(join(repository, 'big.bin'), 'w');
  writeSync(big, 'not only zeros', BIG_BYTES / 2);
  closeSync(big);
  truncateSync(join(repository, 'big.bin'), BIG_BYTES);
  execFileSync('git', ['init', '-q', repository]);
  mkdirSync(join(repository, '.dvc'));
  writeFileSync(
    join(repository, '.dvc/config'),
    `[core]\n    remote = store\n['remote "store"']\n    url = ${remote}\n`,
  );
  await runSuite(SUITE, async (suite) => {
    for (const [name, title] of [
      ['small', '10,000 files of 2 KB'],
      ['big.bin', 'one sparse file of 2 GB'],
    ] as const) {
      ours('add', name);
      const promised = name === 'small' ? 3 : 1;
      const push = (run: () => void) => async (): Promise<number> => {
        remove('remote');
        const ms = await timeMs(run);
        assertCount(name);
        return ms;
      };
      const pull = (run: () => void) => async (): Promise<number> => {
        forget(name);
        return timeMs(run);
      };
      for (const [verb, prepare] of [
        ['push', push],
        ['pull', pull],
      ] as const) {
        const times = await runInTurn<string>(
          {
            ...(dvc !== undefined && { dvc: prepare(() => call(dvc, verb, '-q', `${name}.dvc`)) }),
            ours: prepare(() => ours(verb, `${name}.dvc`)),
          },
          { rounds: ROUNDS },
        );
        for (const [side, values] of Object.entries(times))
          suite.record({
            name: `${verb} ${title}, ${side}`,
            unit: 's',
            better: 'lower',
            values: values.map((ms) => ms / 1000),
          });
        if (times.dvc === undefined) continue;
        suite.record({
          name: `${verb} ${title}, dvc / ours`,
          unit: 'times',
          better: 'higher',
          values: times.dvc.map((ms, i) => ms / times.ours![i]!),
          limit: promised,
          note: 'above 1: ours is faster',
        });
      }
      if (dvc !== undefined) call(dvc, 'status', '-q', `${name}.dvc`);
    }
    saveDetails(SUITE, {
      tables: [],
      notes: [
        'Whole commands, with the start of the program. Ours compares every object with its md5 in both directions; DVC does not on a remote in a folder.',
        ...(dvc === undefined
          ? []
          : [`DVC ${execFileSync(dvc, ['--version'], { env, encoding: 'utf8' }).trim()}.`]),
      ],
    });
  });
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** All objects have arrived. */
function assertCount(name: string): void {
  const md5 = join(remote, 'files', 'md5');
  const count = readdirSync(md5).reduce((sum, shard) => sum + readdirSync(join(md5, shard)).length, 0);
  const expected = name === 'small' ? FILES + 1 : 1;
  if (count !== expected) throw new Error(`${name}: expected ${expected} objects, got ${count}`);
}
