// A version that a server took out of its canary trial, allowed to be tried again.
import type { ReturnedCanary } from '../../foundation/records/index.ts';
import { loadReturnedCanaries, saveReturnedCanaries } from '../../serving/live/index.ts';
import type { WorkflowContext } from '../context/index.ts';

export type RetriedVersion =
  | { readonly status: 'retried'; readonly returned: ReturnedCanary }
  /** No trial of this version was ended; `known` are the versions that can be retried. */
  | { readonly status: 'unknown'; readonly known: readonly string[] };

/** Forgets that the version was withdrawn: a running server tries it again when it next looks at the registry. */
export async function retryVersion(reference: string, { home }: WorkflowContext): Promise<RetriedVersion> {
  const all = loadReturnedCanaries(home.canaries);
  const returned = all.find(({ version }) => version === reference);
  if (returned === undefined) return { status: 'unknown', known: all.map(({ version }) => version) };
  saveReturnedCanaries(
    home.canaries,
    all.filter((one) => one !== returned),
  );
  return { status: 'retried', returned };
}
