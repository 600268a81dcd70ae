import { describe, expect, it } from 'vitest';
import { appError } from '../../foundation/core/errors.ts';
import { asAppError, formatError } from './error-output.ts';

describe('a stop', () => {
  it('is no error: it prints a hint without code or stack, and exits with 130', () => {
    const stop = new AbortController();
    stop.abort(appError('STOPPED', { by: 'SIGINT' }));
    const thrown = asAppError(stop.signal.reason);
    expect(thrown).toMatchObject({ code: 'STOPPED', exitCode: 130 });
    expect(formatError(thrown, false)).toBe(
      'stopped by SIGINT\n  hint: No file is half written. Run the same command again.\n',
    );
  });

  it('is recognised if Node or a caller aborted with an error of its own', () => {
    expect(asAppError(new DOMException('This operation was aborted', 'AbortError'))).toMatchObject({
      code: 'STOPPED',
      exitCode: 130,
    });
    const wrapped = new Error('aborted', { cause: appError('STOPPED', { by: 'SIGTERM' }) });
    wrapped.name = 'AbortError';
    expect(asAppError(wrapped).message).toBe('stopped by SIGTERM');
  });
});
