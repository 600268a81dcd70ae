// Bench of DistilBERT against PyTorch with the same weights, in turn; outputs are compared first. It measures full
// fine-tuning of 16 x 128 tokens and of real titles and articles with their true lengths, a frozen encoder for 35 epochs,
// inference, and memory.
// npx tsx bench/distilbert.ts [--allow-busy] [--short] [--only=steps,data,frozen,inference,memory]
// The other sides: VERACITY_PYTHON=… with torch, transformers, onnx and onnxruntime. Real texts: ../shared/data.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measurePadding } from '../src/text/tokenize/batches.ts';
import { saveDetails, type Table } from './details.ts';
import {
  type Article,
  batchArticles,
  createFullBatch,
  type DataSource,
  loadArticles,
  saveCase,
  saveWeights,
} from './distilbert-case.ts';
import { runSuite, type Suite } from './harness.ts';
import { readOpShares } from './onnx-profile.ts';
import { type SideProcess, startSide } from './side-process.ts';
import { assertClose, listRatios, medianOf, PYTHON, runInTurn, THREADS } from './sides.ts';

interface Answer {
  readonly ms: number;
  readonly graphMs: number;
  readonly updateMs: number;
  readonly maskMs: number;
  readonly loss: number;
  readonly peakMemoryBytes: number;
  readonly logits: readonly number[];
  readonly resident: readonly number[];
}
type Side = SideProcess<{ torch?: string; transformers?: string }, Answer>;

const SUITE = 'distilbert';
const PARTS = ['steps', 'data', 'frozen', 'inference', 'memory'] as const;
const LOSS_TOLERANCE = 1e-4;
const FROZEN = { articles: 2000, epochs: 35 };
const MB = 1e6;
const shortest = process.argv.includes('--short');
const only =
  process.argv
    .find((arg) => arg.startsWith('--only='))
    ?.slice(7)
    .split(',') ?? PARTS;

/** The predecessor padded to "max"; 512 is the most that DistilBERT reads. */
const SOURCES: readonly DataSource[] = [
  { name: 'titles, at most 128', kind: 'titles', maxTokens: 128, articles: 96 },
  { name: 'articles, at most 256', kind: 'articles', maxTokens: 256, articles: 32 },
  { name: 'articles, at most 512', kind: 'articles', maxTokens: 512, articles: 32 },
];

const pathOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const startOurs = (folder: string, ...more: string[]): Promise<Side> =>
  startSide([process.execPath, '--import', 'tsx', pathOf('distilbert-side.ts'), folder, ...more]);
const startTorch = async (folder: string, ...more: string[]): Promise<Side | null> =>
  PYTHON === null ? null : startSide([PYTHON, pathOf('baselines/distilbert-torch.py'), folder, ...more]);

const parent = mkdtempSync(join(tmpdir(), 'veracity-bench-'));
const tables: Table[] = [];
const notes: string[] = [];
try {
  saveWeights(join(parent, 'weights.safetensors'));
  await runSuite(
    SUITE,
    async (suite) => {
      if (only.includes('steps')) for (const dropout of [0, 0.1]) await measureSteps(suite, dropout);
      if (only.includes('data'))
        for (const source of shortest ? SOURCES.slice(0, 2) : SOURCES) await measureData(suite, source);
      if (only.includes('frozen')) await measureFrozen(suite);
      if (only.includes('inference')) await measureInference(suite);
      if (only.includes('memory')) await measureGrowth(suite);
      saveDetails(SUITE, { tables, notes });
    },
    { threads: THREADS },
  );
} finally {
  rmSync(parent, { recursive: true });
}

/** Full batches of 16 x 128: forward, backward, clipping and AdamW. */
async function measureSteps(suite: Suite, dropout: number): Promise<void> {
  const name = `16 x 128${dropout === 0 ? '' : `, dropout ${dropout}`}`;
  const folder = join(parent, name);
  const batch = createFullBatch(16, 128);
  saveCase(folder, { dropout, maxTokens: 128, random: [batch], byLength: [batch] });
  const torch = await startTorch(folder, 'train', 'longest');
  const ours = await startOurs(folder);
  if (torch !== null) {
    const { transformers, torch: version } = torch.ready;
    if (dropout === 0) notes.push(`PyTorch ${version}, transformers ${transformers}, sdpa, fused AdamW.`);
    assertClose('loss', (await ours.ask('loss')).loss, (await torch.ask('loss')).loss, LOSS_TOLERANCE);
  }
  const taken: Record<string, Answer[]> = {};
  const take = (side: Side, who: string) => async (): Promise<number> => {
    const step = await side.ask('step');
    taken[who] = [...(taken[who] ?? []), step];
    return step.ms;
  };
  const sides: Record<string, () => Promise<number>> = { ours: take(ours, 'ours') };
  if (torch !== null) sides.torch = take(torch, 'PyTorch');
  const values = await runInTurn(sides, { rounds: 5, warmUps: 2 });
  await ours.close();
  await torch?.close();
  if (dropout === 0) {
    for (const [i, { loss }] of (taken.PyTorch ?? []).entries())
      assertClose(`loss of step ${i}`, taken.ours![i]!.loss, loss, LOSS_TOLERANCE * (i + 1));
  }
  record(suite, `${name}: step`, values, 1.25);
  for (const [who, steps] of Object.entries(taken)) {
    suite.record({
      ...{ name: `${name}: peak memory, ${who}`, unit: 'MB', better: 'lower' },
      values: [steps.at(-1)!.peakMemoryBytes / MB],
    });
  }
  tables.push({
    title: `Where a step of ${name} goes`,
    columns: ['ms, medians', 'dropout masks', 'forward + backward', 'clipping + update'],
    rows: Object.entries(taken).map(([who, steps]) => [
      who,
      ...(['maskMs', 'graphMs', 'updateMs'] as const).map((phase) =>
        Math.round(medianOf(steps.slice(2).map((step) => step[phase]))),
      ),
    ]),
  });
  if (dropout === 0) tables.push(await profileOps(folder));
  await compareCompiled(suite, name, folder, dropout);
}

/** Measures torch.compile separately, because it needs minutes to start and a C++ compiler. */
async function compareCompiled(suite: Suite, name: string, folder: string, dropout: number): Promise<void> {
  if (dropout !== 0 || !process.argv.includes('--compile')) return;
  const torch = await startTorch(folder, 'train', 'longest', 'compile');
  if (torch === null) return;
  const ours = await startOurs(folder);
  const sides = {
    ours: async () => (await ours.ask('step')).ms,
    torch: async () => (await torch.ask('step')).ms,
  };
  const values = await runInTurn(sides, { rounds: 5, warmUps: 2 });
  await ours.close();
  await torch.close();
  record(suite, `${name}: step, compiled`, values, 1.25);
}

/** One pass over the same real texts: ours in our loop's batches, PyTorch's in random ones, padded in two ways. */
async function measureData(suite: Suite, source: DataSource): Promise<void> {
  const articles = loadArticles(source);
  if (articles === null) {
    notes.push(`${source.name}: left out, ../shared/data is not there.`);
    return;
  }
  const folder = join(parent, source.name);
  const batches = batchArticles(articles, source.maxTokens);
  saveCase(folder, { dropout: 0, maxTokens: source.maxTokens, ...batches });
  const shareOf = (made: readonly (readonly Article[])[]): string => {
    const flat = made.flat();
    let row = 0;
    const rows = made.map((batch) => Int32Array.from(batch, () => row++));
    const lengths = flat.map(({ ids }) => ids.length);
    return `${(100 * measurePadding(rows, lengths)).toFixed(1)}%`;
  };
  const tokens = articles.reduce((sum, { ids }) => sum + ids.length, 0);
  const toLimit = 1 - tokens / (articles.length * source.maxTokens);
  notes.push(
    `${source.name}: ${articles.length} texts, ${Math.round(tokens / articles.length)} tokens on average; padding ${shareOf(batches.byLength)} in our batches, ${shareOf(batches.random)} to the longest, ${(100 * toLimit).toFixed(1)}% to the limit.`,
  );
  const sides: Record<string, Side> = { ours: await startOurs(folder) };
  for (const padding of ['longest', 'max']) {
    const torch = await startTorch(folder, 'train', padding);
    if (torch !== null) sides[padding] = torch;
  }
  if (sides.longest !== undefined) {
    const [ours, theirs] = [await sides.ours!.ask('loss'), await sides.longest.ask('loss')];
    assertClose(`${source.name}: loss`, ours.loss, theirs.loss, LOSS_TOLERANCE);
  }
  for (const side of Object.values(sides)) await side.ask('step');
  const values = await runInTurn(
    Object.fromEntries(
      Object.entries(sides).map(([who, side]) => [who, async () => (await side.ask('epoch')).ms]),
    ),
    { rounds: shortest ? 2 : 3, warmUps: 0 },
  );
  for (const side of Object.values(sides)) await side.close();
  const { ours, longest, max } = values;
  suite.record({
    ...{ name: `${source.name}: ours`, unit: 'articles/s', better: 'higher' },
    values: ours!.map((ms) => (articles.length * 1000) / ms),
  });
  const ratio = (what: string, theirs: number[] | undefined, limit: number): void => {
    if (theirs === undefined) return;
    suite.record({
      ...{ name: `${source.name}: PyTorch padding to ${what} / ours`, unit: 'times', better: 'higher' },
      ...{ values: listRatios(theirs, ours!), limit },
    });
  };
  ratio('the longest', longest, 1.5);
  ratio('the limit', max, 3);
}

/** The predecessor encoded every article in every epoch, padded to 256; ours encodes once. Extrapolated from samples. */
async function measureFrozen(suite: Suite): Promise<void> {
  const source = { name: 'frozen', kind: 'articles', maxTokens: 256, articles: 64 } as const;
  const articles = loadArticles(source);
  if (articles === null) return;
  const folder = join(parent, 'frozen');
  const { random, byLength } = batchArticles(articles, source.maxTokens);
  saveCase(folder, { dropout: 0, maxTokens: 256, random, byLength });
  const ours = await startOurs(folder, 'head');
  const torch = await startTorch(folder, 'head', 'max');
  const sides: Record<string, () => Promise<number>> = { ours: async () => (await ours.ask('encode')).ms };
  if (torch !== null) sides.torch = async () => (await torch.ask('epoch')).ms;
  const values = await runInTurn(sides, { rounds: shortest ? 2 : 3, warmUps: shortest ? 0 : 1 });
  const headMs = medianOf([(await ours.ask('head')).ms, (await ours.ask('head')).ms]);
  await ours.close();
  await torch?.close();
  const whole = FROZEN.articles / articles.length;
  const ourMs = values.ours!.map((ms) => ms * whole + headMs);
  suite.record({
    ...{ name: 'frozen, 35 epochs of 2,000 articles: ours', unit: 's', better: 'lower' },
    values: ourMs.map((ms) => ms / 1000),
    note: `the encoder from ${articles.length} articles, times ${whole}; the 35 epochs of the head, ${Math.round(headMs)} ms, as they are`,
  });
  if (values.torch === undefined) return;
  suite.record({
    ...{ name: 'frozen, 35 epochs of 2,000 articles: PyTorch / ours', unit: 'times', better: 'higher' },
    values: listRatios(
      values.torch.map((ms) => ms * whole * FROZEN.epochs),
      ourMs,
    ),
    limit: 20,
    note: 'encoding in every epoch, padded to 256 tokens, batches of 16',
  });
}

/** 128 tokens: our session in its worker, PyTorch eager, ONNX Runtime's Python package on an optimised export. */
async function measureInference(suite: Suite): Promise<void> {
  const folder = join(parent, 'inference');
  const batch = createFullBatch(16, 128);
  saveCase(folder, { dropout: 0, maxTokens: 128, random: [batch], byLength: [batch] });
  const sides: Record<string, Side> = { ours: await startOurs(folder, 'infer') };
  const torch = await startTorch(folder, 'infer', 'longest');
  if (torch !== null) sides.torch = torch;
  const ort = await startTorch(folder, 'ort', 'longest');
  if (ort !== null) sides.ort = ort;
  const reference = await (torch ?? sides.ours!).ask('all');
  for (const [who, side] of Object.entries(sides)) {
    const { logits } = await side.ask('all');
    for (const [i, logit] of logits.entries())
      assertClose(`logit ${i} of ${who}`, logit, reference.logits[i]!, LOSS_TOLERANCE);
  }
  for (const [command, size, rounds] of [
    ['one', 1, 15],
    ['all', 16, 5],
  ] as const) {
    const values = await runInTurn(
      Object.fromEntries(
        Object.entries(sides).map(([who, side]) => [who, async () => (await side.ask(command)).ms]),
      ),
      { rounds, warmUps: 3 },
    );
    const name = `inference, ${size} x 128`;
    record(suite, name, { ours: values.ours!, ...(values.torch ? { torch: values.torch } : {}) }, 1.3);
    if (values.ort === undefined) continue;
    suite.record({
      ...{ name: `${name}: ONNX Runtime in Python / ours`, unit: 'times', better: 'higher' },
      ...{ values: listRatios(values.ort, values.ours!), limit: 1 },
    });
  }
  for (const side of Object.values(sides)) await side.close();
}

async function measureGrowth(suite: Suite): Promise<void> {
  const folder = join(parent, 'memory');
  const batch = createFullBatch(2, 16);
  saveCase(folder, { dropout: 0.1, maxTokens: 128, random: [batch], byLength: [batch] });
  const ours = await startOurs(folder);
  const { resident } = await ours.ask('grow');
  await ours.close();
  suite.record({
    ...{ name: 'growth from step 100 to step 500', unit: 'MB', better: 'lower', limit: 50 },
    values: [(resident[1]! - resident[0]!) / MB],
    note: 'batches of 1 to 4 articles of 8 to 32 tokens, each of another size than the one before',
  });
}

function record(suite: Suite, name: string, values: Record<string, number[]>, limit: number): void {
  const { ours, torch } = values;
  suite.record({ name: `${name}: ours`, unit: 'ms', better: 'lower', values: ours! });
  if (torch === undefined) return;
  suite.record({ name: `${name}: PyTorch`, unit: 'ms', better: 'lower', values: torch });
  suite.record({
    ...{ name: `${name}: PyTorch / ours`, unit: 'times', better: 'higher' },
    ...{ values: listRatios(torch, ours!), limit },
  });
}

async function profileOps(folder: string): Promise<Table> {
  const prefix = join(folder, 'profile');
  const side = await startOurs(folder, 'train', prefix);
  for (let step = 0; step < 3; step++) await side.ask('step');
  await side.close();
  const shares = readOpShares(prefix).slice(0, 14);
  return {
    title: 'Share of forward + backward by op',
    columns: ['op', 'share', 'nodes'],
    rows: shares.map(({ op, share, nodes }) => [op, `${(share * 100).toFixed(1)}%`, nodes]),
  };
}
