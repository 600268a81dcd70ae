// What an operator reads about an incident: what is wrong, why, and what to do.

export const incidentCodes = [
  'RECEIPTS_LOST',
  'FEEDBACK_LOST',
  'LOG_LINES_LOST',
  'CONNECTIONS_REFUSED',
] as const;
export type IncidentCode = (typeof incidentCodes)[number];

const SUBJECTS: Readonly<Record<IncidentCode, string>> = {
  RECEIPTS_LOST: 'predictions get no receipt',
  FEEDBACK_LOST: 'feedback is refused',
  LOG_LINES_LOST: 'log lines are lost',
  CONNECTIONS_REFUSED: 'connections are refused',
};

interface Cause {
  readonly reason: string;
  readonly advice: string;
}

/** By the system's code. */
const CAUSES: Readonly<Record<string, Cause>> = {
  ENOSPC: { reason: 'the disk is full', advice: 'Free some space; no restart is needed.' },
  EDQUOT: { reason: 'the disk quota is used up', advice: 'Raise the quota; no restart is needed.' },
  EFBIG: { reason: 'a file has reached its size limit', advice: 'Raise the limit (ulimit -f).' },
  EROFS: {
    reason: 'the file system is read-only',
    advice: 'Mount it writable, or restart with another VERACITY_HOME.',
  },
  EACCES: {
    reason: 'permission is denied',
    advice: "Give the server's user the permission to write there; no restart is needed.",
  },
  EPERM: { reason: 'the system does not permit it', advice: 'Remove the protection of the folder.' },
  ENOTDIR: { reason: 'a file is in the way of a folder', advice: 'Move that file away.' },
  EEXIST: { reason: 'a file is in the way of a folder', advice: 'Move that file away.' },
  EMFILE: {
    reason: 'this process has too many files and connections open',
    advice: 'Raise the limit of open files (ulimit -n, LimitNOFILE) and restart.',
  },
  ENFILE: { reason: 'this machine has too many files open', advice: 'Raise the limit of the system.' },
  EIO: { reason: 'the device reports an error', advice: 'Check the disk, or the terminal it was.' },
  EPIPE: { reason: 'the program that reads it has ended', advice: 'Restart that program and the server.' },
  EAGAIN: { reason: 'the program that reads it is too slow', advice: 'Make it faster, or log less.' },
  SLOW: { reason: 'the disk is too slow', advice: 'Find what else writes to it.' },
};

/** @param reason  code of the system */
export function describeCause(reason: string): Cause {
  return CAUSES[reason] ?? { reason: `the system says ${reason}`, advice: 'Look up that code.' };
}

export function formatIncident(code: IncidentCode, reason: string): string {
  return `${SUBJECTS[code]}: ${describeCause(reason).reason}`;
}
