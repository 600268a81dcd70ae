// Checks which version is used where no model is named, and that its files are as they were registered.
import { isAppError } from '../../foundation/core/index.ts';
import type { WorkflowContext } from '../context/index.ts';
import { findServedReference } from '../locate-model/index.ts';
import type { ModelCheck } from './check.ts';

/** A person has to choose: a server that is told which model it serves works. */
const CHOICES = new Set(['MODEL_UNDECIDED']);

export async function checkModel({ stores, home }: WorkflowContext): Promise<ModelCheck> {
  let reference: string | null = null;
  try {
    reference = await findServedReference(stores.registry, home.root);
    await stores.registry.materialize(reference);
    return { kind: 'model', status: 'ok', reference, problem: null };
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (error.code === 'MODEL_NONE') return { kind: 'model', status: 'ok', reference: null, problem: null };
    const { message, hint, code } = error;
    const status = CHOICES.has(code) ? 'warn' : 'fail';
    return { kind: 'model', status, reference, problem: { message, hint } };
  }
}
