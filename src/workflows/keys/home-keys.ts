// The API keys of a home, to create, list and revoke.
import { createKeyRing, type KeyRing } from '../../serving/access/index.ts';
import type { WorkflowContext } from '../context/index.ts';

/** Opens the home's key ring; its file is made with the first key. */
export function openKeyRing({ home, clock }: Pick<WorkflowContext, 'home' | 'clock'>): KeyRing {
  return createKeyRing(home.keys, clock);
}
