// Bench of what trials of a sweep share: vectors of a frozen encoder, and a teacher's answers. A training that computes them
// beside one that finds them in the home, in turn.
// npx tsx bench/shared-work.ts [--allow-busy]     (needs dist: npm run build)
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveDetails } from './details.ts';
import { runSuite } from './harness.ts';
import { repositoryRoot, runInTurn, timeMs } from './sides.ts';

const SUITE = 'shared-work';
const ROUNDS = 3;
const CLI = join(repositoryRoot, 'dist/cli.js');
const COMMON = ['data=sample', 'evaluate.bootstrap=10', 'evaluate.abstain=null', 'threads=2'];
/** An encoder of MiniLM's size with random weights: what it says does not matter for what it costs. */
const ENCODER = [
  'model=compact',
  'model.layers=6',
  'model.width=384',
  'train.max_steps=1',
  'register=encoder',
];

const home = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const train = (settings: readonly string[]): string =>
  execFileSync(process.execPath, [CLI, 'train', ...COMMON, ...settings, '--json'], {
    cwd: repositoryRoot,
    env: { ...process.env, VERACITY_HOME: home },
    stdio: ['ignore', 'pipe', 'ignore'],
    encoding: 'utf8',
  });

try {
  const { path } = JSON.parse(train(ENCODER)) as { path: string };
  const cases = {
    'frozen encoder': [
      ...['model=modernbert', `model.path=${path}`, 'train.scope=head', 'train.epochs=1'],
      'register=head',
    ],
    'taught by a model': [
      ...['experiment=distil', 'teacher=encoder', 'model.layers=1', 'model.width=64', 'train.epochs=1'],
      'register=student',
    ],
  };
  await runSuite(SUITE, async (suite) => {
    for (const [name, settings] of Object.entries(cases)) {
      const alone = (): Promise<number> => {
        rmSync(join(home, 'cache'), { recursive: true, force: true });
        return timeMs(() => train(settings));
      };
      const times = await runInTurn(
        { computed: alone, found: () => timeMs(() => train(settings)) },
        { rounds: ROUNDS },
      );
      for (const [side, values] of Object.entries(times))
        suite.record({ name: `${name}, ${side}`, unit: 'ms', better: 'lower', values });
      suite.record({
        name: `${name}, computed / found`,
        unit: 'times',
        better: 'higher',
        values: times.computed.map((ms, i) => ms / times.found[i]!),
      });
    }
    saveDetails(SUITE, {
      tables: [],
      notes: [
        'Whole trainings of one epoch on the sample, from the spawn. "Computed": the home has neither tokens nor vectors nor answers; "found": an earlier training left them. Encoder and teacher: 6 layers x 384, random weights.',
      ],
    });
  });
} finally {
  rmSync(home, { recursive: true, force: true });
}
