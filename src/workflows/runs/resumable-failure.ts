// Decides whether a failure of a run would happen again if the run were resumed.

const REPEATING = new Set([
  'LOSS_NOT_FINITE',
  'CHECKPOINT_CORRUPT',
  'CHECKPOINT_MISMATCH',
  'EXPORT_MISMATCH',
]);

/** True if a run that failed with this error code would only fail again. */
export function repeatsOnResume(code: string): boolean {
  return REPEATING.has(code);
}
