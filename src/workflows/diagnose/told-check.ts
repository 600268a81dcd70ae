// A check whose result is a line of words, with the one command or setting that mends it.
import { isAppError } from '../../foundation/core/index.ts';

export interface ToldCheck {
  readonly kind:
    | 'data'
    | 'tokenizer'
    | 'dataset'
    | 'cache'
    | 'remote'
    | 'remote-clock'
    | 'remote-rights'
    | 'exporters'
    | 'leases'
    | 'port'
    | 'server'
    | 'metrics';
  readonly status: 'ok' | 'warn' | 'fail' | 'skip';
  readonly found: string;
  /** Empty when all is well. */
  readonly advice: string;
}

/** The result that an error tells. Errors that are none of ours go on. */
export function tellError(
  kind: ToldCheck['kind'],
  error: unknown,
  { status = 'fail', advice }: { readonly status?: 'warn' | 'fail'; readonly advice?: string } = {},
): ToldCheck {
  if (!isAppError(error)) throw error;
  return { kind, status, found: error.message, advice: advice ?? error.hint };
}

export function tellOk(kind: ToldCheck['kind'], found: string): ToldCheck {
  return { kind, status: 'ok', found, advice: '' };
}
