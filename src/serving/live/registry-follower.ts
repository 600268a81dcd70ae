// Decides from the registry which versions a server should run. A server that was started with a name follows that name. One
// that was started without follows the version that is used where no model is named, also to another name: then a person
// has made that one the default. (A version with other classes is refused when it is loaded.)

import type { StageName } from '../../foundation/records/index.ts';
import type { ModelRegistry, StageView } from '../../keeping/registry/index.ts';
import { parseModelReference } from '../../keeping/registry/index.ts';

/** Versions as NAME@VERSION; null: none, or no change of the live one. */
export interface WantedVersions {
  readonly live: string | null;
  readonly canary: string | null;
  readonly shadow: string | null;
  /** Grows with every promotion and rollback: a version that failed is tried again only when it has grown. */
  readonly changes: number;
  /** The same for the canary's model alone; 0 without a canary. */
  readonly canaryChanges: number;
}

export interface FollowOptions {
  /** NAME@VERSION that the server starts with; null: a folder or a run. */
  readonly serving: string | null;
  /** The model named at the start of the server; null: the one in production. */
  readonly reference: string | null;
  /** null: no canary. */
  readonly canary: { readonly model: string | null } | null;
  readonly shadow: string | null;
}

/** @param live  reference of the version that predicts now */
export type DecideVersions = (live: string) => Promise<WantedVersions>;

/** The stage whose version is served; null if the server was started with one version, a folder or a run. */
export function findFollowedStage({
  serving,
  reference,
}: Pick<FollowOptions, 'serving' | 'reference'>): StageName | null {
  if (serving === null) return null;
  if (reference === null) return 'production';
  const { version } = parseModelReference(reference);
  if (version === null || version === 'production') return 'production';
  return version === 'staging' ? 'staging' : null;
}

/** The returned function throws RECORD_INVALID for a damaged log of stages. */
export function followRegistry(registry: ModelRegistry, options: FollowOptions): DecideVersions {
  const { serving, shadow } = options;
  const first = serving === null ? null : parseModelReference(serving).name;
  const followsDefault = serving !== null && options.reference === null;
  const stage = findFollowedStage(options);
  const named = [options.canary?.model ?? null, shadow].flatMap((reference) =>
    reference === null ? [] : [parseModelReference(reference).name],
  );
  return async (live) => {
    const production = followsDefault ? await registry.viewProduction() : null;
    const name = followsDefault ? parseModelReference(production?.chosen ?? live).name : first;
    const views = await viewAll(registry, new Set(name === null ? named : [name, ...named]));
    const view = name === null ? null : views.get(name)!;
    const staged = stage === null ? null : (view?.[stage] ?? null);
    const wanted = production !== null ? production.chosen : staged === null ? null : `${name}@${staged}`;
    const isFree = (version: string | null): boolean => version !== live && version !== wanted;
    const candidate = (): string | null => {
      if (options.canary === null) return null;
      if (options.canary.model !== null) return resolveReference(views, options.canary.model);
      if (view === null) return null;
      if (view.staging !== null && isFree(`${name}@${view.staging}`)) return `${name}@${view.staging}`;
      const { version } = parseModelReference(wanted ?? live);
      return view.newest !== null && typeof version === 'number' && view.newest > version
        ? `${name}@${view.newest}`
        : null;
    };
    const found = candidate();
    const canary = isFree(found) ? found : null;
    return {
      live: wanted,
      canary,
      canaryChanges: canary === null ? 0 : views.get(parseModelReference(canary).name)!.changes,
      shadow: shadow === null ? null : resolveReference(views, shadow),
      changes: production?.changes ?? [...views.values()].reduce((sum, { changes }) => sum + changes, 0),
    };
  };
}

type StageViews = ReadonlyMap<string, StageView>;

/** One view per model name, each read once. */
async function viewAll(registry: ModelRegistry, names: Iterable<string>): Promise<StageViews> {
  const views = new Map<string, StageView>();
  for (const name of names) views.set(name, await registry.viewStages(name));
  return views;
}

/** NAME@3 for any reference to it, without opening the version. */
function resolveReference(views: StageViews, reference: string): string | null {
  const { name, version } = parseModelReference(reference);
  if (typeof version === 'number') return reference;
  const view = views.get(name)!;
  const found = version === 'latest' ? view.newest : version === null ? view.production : view[version];
  return found === null ? null : `${name}@${found}`;
}
