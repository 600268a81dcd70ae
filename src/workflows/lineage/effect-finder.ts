// Decides what data did to a run or a model version: it learned from them, was chosen by them, or was only measured on them.
import type { SplitName } from '../../foundation/records/index.ts';
import type { HeldRows } from './held-rows.ts';
import type { HomeGraph } from './home-graph.ts';

/**
 * learned: rows of the train split changed its weights, or those of its teacher or of the weights it began with. chosen: rows
 * of the validation split decided its checkpoint, its calibration and its thresholds. measured: rows of the test split only
 * changed its figures.
 */
export type Effect = 'learned' | 'chosen' | 'measured';

export interface RecordEffect {
  readonly effect: Effect;
  /** Only near duplicates of the row had this effect. */
  readonly nearOnly: boolean;
  /** The teacher, the original or the first weights through which it came; null: its own data. */
  readonly through: string | null;
}

const STRENGTH: Readonly<Record<Effect, number>> = { measured: 0, chosen: 1, learned: 2 };
const EFFECT_OF: readonly (readonly [SplitName, Effect])[] = [
  ['train', 'learned'],
  ['validation', 'chosen'],
  ['test', 'measured'],
];

export class EffectFinder {
  readonly #home: HomeGraph;
  readonly #datasets: ReadonlyMap<string, HeldRows['rows'] | null>;
  readonly #start: string | null;
  readonly #datasetOf: ReadonlyMap<string, string>;
  readonly #known = new Map<string, RecordEffect | null>();

  /**
   * @param datasets  the versions that hold the rows; null for a whole version
   * @param start  a record from which everything behind it was made; null: the datasets say all
   */
  constructor(
    home: HomeGraph,
    datasets: ReadonlyMap<string, HeldRows['rows'] | null>,
    start: string | null = null,
  ) {
    this.#home = home;
    this.#datasets = datasets;
    this.#start = start;
    this.#datasetOf = new Map(home.runs.map(({ id, datasetVersion }) => [id, datasetVersion]));
  }

  /** What happened to a run or a model version; null: nothing. The start itself is not behind itself. */
  of(id: string): RecordEffect | null {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    this.#known.set(id, null); // records that refer to each other in a circle end here
    const effect = this.#find(id);
    this.#known.set(id, effect);
    return effect;
  }

  /** The strongest effect that the rows of a version have on what is trained on it. */
  ofDataset(id: string): Effect | null {
    return this.#effectOfDataset(id)?.effect ?? null;
  }

  startIfModel(): string[] {
    return this.#start !== null && this.#kindOf(this.#start) === 'model' ? [this.#start] : [];
  }

  startIfRun(): string[] {
    return this.#start !== null && this.#kindOf(this.#start) === 'run' ? [this.#start] : [];
  }

  /** Evaluations on a dataset version's split in which the rows are. */
  listEvaluations(): string[] {
    const { graph } = this.#home;
    return graph.list('evaluation').filter((id) => {
      const [dataset = '', split = ''] = String(graph.node(id)?.facts.testSet ?? '').split('/');
      const rows = this.#datasets.get(dataset);
      if (rows === undefined) return false;
      if (rows === null || split === 'all') return true;
      return EFFECT_OF.some(([name]) => name === split && rows[name].same + rows[name].near > 0);
    });
  }

  #find(id: string): RecordEffect | null {
    const dataset = this.#datasetOf.get(id);
    const own = dataset === undefined ? null : this.#effectOfDataset(dataset);
    const through = this.#home.graph.parentsOf(id).map((parent) => this.#through(id, parent));
    return [own, ...through].reduce(strongest, null);
  }

  #through(id: string, parent: string): RecordEffect | null {
    if (parent === this.#start) return { effect: 'learned', nearOnly: false, through: null };
    const kind = this.#kindOf(parent);
    if (kind === 'dataset' || kind === 'file' || kind === 'commit') return null;
    const effect = this.of(parent);
    if (effect === null) return null;
    // A version is what its run made: only what lies behind another model is told as its way.
    const isOwnRun = this.#kindOf(id) === 'model' && kind === 'run';
    if (isOwnRun || kind === 'sweep' || kind === 'pretrained') return effect;
    // What was only measured on the rows teaches nothing of them; a compressed copy has the figures of its original.
    const isCopy = this.#kindOf(id) === 'model' && kind === 'model';
    return effect.effect === 'measured' && !isCopy ? null : { ...effect, through: parent };
  }

  #effectOfDataset(id: string): RecordEffect | null {
    const rows = this.#datasets.get(id);
    if (rows === undefined) return null;
    if (rows === null) return { effect: 'learned', nearOnly: false, through: null };
    for (const [split, effect] of EFFECT_OF) {
      const { same, near } = rows[split];
      if (same + near > 0) return { effect, nearOnly: same === 0, through: null };
    }
    return null;
  }

  #kindOf(id: string): string {
    return this.#home.graph.node(id)?.kind ?? '';
  }
}

function strongest(a: RecordEffect | null, b: RecordEffect | null): RecordEffect | null {
  if (a === null || b === null) return a ?? b;
  return STRENGTH[b.effect] > STRENGTH[a.effect] ? b : a;
}
