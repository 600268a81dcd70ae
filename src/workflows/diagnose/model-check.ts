// Checks which version is used where no model is named.
import { isAppError } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { findServedReference } from '../locate-model/index.ts';
import type { ModelCheck } from './check.ts';

export async function checkModel({ stores, home }: WorkflowContext): Promise<ModelCheck> {
  try {
    const reference = await findServedReference(stores.registry, home.root);
    return { kind: 'model', status: 'ok', reference, problem: null };
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.code === 'MODEL_NONE') return { kind: 'model', status: 'ok', reference: null, problem: null };
    const { message, hint } = error;
    return { kind: 'model', status: 'warn', reference: null, problem: { message, hint } };
  }
}
