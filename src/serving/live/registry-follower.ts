// Decides from the registry which versions a server should run. It follows the model of one name: when another model is
// promoted to production, this server's clients keep theirs.

import type { StageName } from '../../foundation/records/index.ts';
import type { Registry } from '../../keeping/registry/index.ts';
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
  /** The model that the server was told to serve; null: the one in production. */
  readonly reference: string | null;
  /** null: no canary. */
  readonly canary: { readonly model: string | null } | null;
  readonly shadow: string | null;
}

/** @param live  reference of the version that predicts now */
export type DecideVersions = (live: string) => WantedVersions | Promise<WantedVersions>;

/** The stage whose version is served; null where the server was told one version, a folder or a run. */
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
export function followRegistry(registry: Registry, options: FollowOptions): (live: string) => WantedVersions {
  const { serving, shadow } = options;
  const name = serving === null ? null : parseModelReference(serving).name;
  const stage = findFollowedStage(options);
  const named = [options.canary?.model ?? null, shadow].flatMap((reference) =>
    reference === null ? [] : [parseModelReference(reference).name],
  );
  const names = new Set(name === null ? named : [name, ...named]);
  return (live) => {
    const view = name === null ? null : registry.viewStages(name);
    const staged = stage === null ? null : (view?.[stage] ?? null);
    const wanted = staged === null ? null : `${name}@${staged}`;
    const isFree = (version: string | null): boolean => version !== live && version !== wanted;
    const candidate = (): string | null => {
      if (options.canary === null) return null;
      if (options.canary.model !== null) return fix(registry, options.canary.model);
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
      canaryChanges: canary === null ? 0 : registry.viewStages(parseModelReference(canary).name).changes,
      shadow: shadow === null ? null : fix(registry, shadow),
      changes: [...names].reduce((sum, one) => sum + registry.viewStages(one).changes, 0),
    };
  };
}

/** NAME@3 for any reference to it, without opening the version. */
function fix(registry: Registry, reference: string): string | null {
  const { name, version } = parseModelReference(reference);
  if (typeof version === 'number') return reference;
  const view = registry.viewStages(name);
  const found = version === 'latest' ? view.newest : version === null ? view.production : view[version];
  return found === null ? null : `${name}@${found}`;
}
