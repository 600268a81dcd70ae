import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../foundation/core/clock.ts';
import { silentLogger } from '../../foundation/core/logger.ts';
import { locateHome } from '../../foundation/records/home.ts';
import { loadKeptExamples } from '../../foundation/records/kept-examples.ts';
import { loadTrainConfig } from '../configuration/index.ts';
import { createStores } from '../context/stores.ts';
import { runTraining } from './training.ts';

const TOPICS = {
  Lieferung: ['das Paket', 'die Sendung', 'der Karton', 'die Lieferung'],
  Rechnung: ['die Rechnung', 'der Betrag', 'die Mahnung', 'das Konto'],
};
const PARTS = [
  'gestern Abend',
  'am Montag',
  'nach zwei Wochen',
  'trotz meiner Nachfrage',
  'ohne jede Erklärung',
];
const ENDS = [
  'und niemand half mir weiter',
  'obwohl ich dreimal angerufen habe',
  'was mich sehr geärgert hat',
];

/** Invented complaints in German; the file has no titles. */
function writeComplaints(path: string): void {
  const rows = Object.entries(TOPICS).flatMap(([label, things]) =>
    things.flatMap((thing) =>
      PARTS.flatMap((part) =>
        ENDS.map(
          (end, index) => `${label},"Leider war ${thing} ${part} wieder falsch ${end}, Nummer ${index}"`,
        ),
      ),
    ),
  );
  writeFileSync(path, `Thema,Beschwerde\n${rows.join('\n')}\n`);
}

describe('the model of own data', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'veracity-own-'));
    writeComplaints(join(folder, 'complaints.csv'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @returns the folder of the trained model */
  async function train(...overrides: string[]): Promise<string> {
    const home = locateHome(join(folder, 'home'));
    const { config } = loadTrainConfig(
      [
        'model=linear',
        'train.epochs=1',
        'evaluate.bootstrap=10',
        'data=csv',
        'data.path=complaints.csv',
        'data.columns={title: null, text: Beschwerde, label: Thema}',
        'data.near_duplicates.threshold=1',
        ...overrides,
      ],
      { workingDirectory: folder },
    );
    const outcome = await runTraining(
      { config, toYaml: () => '' },
      {
        home,
        stores: createStores(home, systemClock),
        workingDirectory: folder,
        logger: silentLogger,
        clock: systemClock,
        say: () => {},
        warn: () => {},
        signal: new AbortController().signal,
        progress: () => ({ update: () => {}, stop: () => {} }),
      },
    );
    if (outcome.status !== 'finished') throw new Error(`the run ended as ${outcome.status}`);
    return outcome.result.path;
  }
  const readInfo = (path: string) => JSON.parse(readFileSync(join(path, 'veracity.json'), 'utf8'));

  it('has the language of its validation texts, and keeps none of them', async () => {
    const path = await train();
    expect(readInfo(path)).toMatchObject({ language: 'de', noun: 'article' });
    expect(loadKeptExamples(path)).toEqual([]);
  });

  it('has the noun and the language of the configuration, and keeps as many texts as it was told to', async () => {
    const path = await train('data.noun=complaint', 'data.language=de-AT', 'register_examples=3');
    expect(readInfo(path)).toMatchObject({ language: 'de-AT', noun: 'complaint' });
    const kept = loadKeptExamples(path);
    expect(kept.map(({ label }) => label)).toEqual(['Lieferung', 'Rechnung', 'Lieferung']);
    expect(kept.every(({ title, text }) => title === '' && text.includes('Leider war'))).toBe(true);
  });

  it('gets the same dataset version under another noun', async () => {
    const [first, second] = [readInfo(await train()), readInfo(await train('data.noun=complaint'))];
    expect(second.datasetVersion).toBe(first.datasetVersion);
  });
});
