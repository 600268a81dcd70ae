// The rule for which version is used where no model is named. It is the only one: `serve`, `predict`, `loadClassifier`, a
// running server and what `promote` reports follow it.
//
// 1. Of the names with a version in production, the one that was chosen as the default.
// 2. If none was chosen: the only name with a version in production.
// 3. With several such names and no default there is no answer: a person has to choose.

export interface ProductionChoice {
  /** NAME@VERSION; null: nothing is in production, or a person has to choose. */
  readonly chosen: string | null;
  /** The other versions in production, by name. Without a chosen one: those to choose from. */
  readonly others: readonly string[];
  /** Grows with every promotion, rollback and choice of a default. */
  readonly changes: number;
}

export interface InProduction {
  readonly name: string;
  readonly version: number;
}

/** @param preferred  name of the default model; null: none was chosen */
export function chooseProduction(
  inProduction: readonly InProduction[],
  preferred: string | null,
): Omit<ProductionChoice, 'changes'> {
  const only = inProduction.length === 1 ? inProduction[0] : undefined;
  const chosen = inProduction.find(({ name }) => name === preferred) ?? only;
  const format = ({ name, version }: InProduction): string => `${name}@${version}`;
  return {
    chosen: chosen === undefined ? null : format(chosen),
    others: inProduction.filter((one) => one !== chosen).map(format),
  };
}
