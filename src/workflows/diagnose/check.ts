// The results of the checks of a machine and a folder, as values. The command that prints them makes the sentences.
import type { DeviceFinding } from '../../engine/runtime/device/index.ts';
import type { OwnFile } from '../../foundation/config/index.ts';
import type { Issue } from '../../foundation/core/index.ts';
import type { ToldCheck } from './told-check.ts';

/** fail: nothing works until it is fixed. warn: some things will not work. */
export type CheckStatus = 'ok' | 'warn' | 'fail';

export interface NodeCheck {
  readonly kind: 'node';
  readonly status: CheckStatus;
  readonly version: string;
  /** The oldest version that is enough. */
  readonly wanted: string;
}

export type RuntimeCheck =
  | {
      readonly kind: 'runtime';
      readonly status: 'ok';
      readonly version: string;
      readonly platform: string;
    }
  | {
      readonly kind: 'runtime';
      readonly status: 'fail';
      readonly problem: 'no-binary';
      readonly version: string;
      readonly platform: string;
    }
  | {
      readonly kind: 'runtime';
      readonly status: 'fail';
      readonly problem: 'not-installed' | 'not-loadable';
      readonly reason: string;
    };

export interface MachineCheck {
  readonly kind: 'machine';
  readonly status: CheckStatus;
  readonly cores: number;
  readonly memoryBytes: number;
}

export interface HomeCheck {
  readonly kind: 'home';
  readonly status: CheckStatus;
  readonly path: string;
  readonly exists: boolean;
  /** Why the folder cannot be written, in words; null: it can. */
  readonly problem: string | null;
}

export interface DiskCheck {
  readonly kind: 'disk';
  readonly status: CheckStatus;
  readonly freeBytes: number;
}

export type ConfigurationCheck =
  | {
      readonly kind: 'configuration';
      readonly status: 'ok';
      /** Folders that the configuration was read from. */
      readonly folders: readonly string[];
      /** The user's own files in them. */
      readonly ownFiles: readonly OwnFile[];
    }
  | {
      readonly kind: 'configuration';
      readonly status: 'fail';
      readonly message: string;
      readonly hint: string;
      readonly issues: readonly Issue[];
    };

export interface PageCheck {
  readonly kind: 'page';
  readonly status: CheckStatus;
  readonly isBuilt: boolean;
}

export type DevicesCheck =
  | {
      readonly kind: 'devices';
      readonly status: 'ok';
      /** Every device except the cpu that the runtime has code for. */
      readonly tried: readonly DeviceFinding[];
    }
  | { readonly kind: 'devices'; readonly status: 'warn'; readonly reason: string };

export interface ModelCheck {
  readonly kind: 'model';
  readonly status: CheckStatus;
  /** NAME@VERSION that is used where no model is named; null: none, or it cannot be told. */
  readonly reference: string | null;
  /** Why none can be told; null where there is simply none yet. */
  readonly problem: { readonly message: string; readonly hint: string } | null;
}

export interface DatabaseCheck {
  readonly kind: 'database';
  readonly status: CheckStatus;
  /** The file, or the address of the server without its password. */
  readonly place: string;
  /** Version of its tables; null: it does not exist yet, or cannot be read. */
  readonly version: number | null;
  readonly freeBytes: number;
  /** Why runs cannot be kept, or what endangers them; null: nothing. */
  readonly problem: { readonly message: string; readonly hint: string } | null;
}

export interface UnreadableRecord {
  /** Below the home, with the line of a log; NAME@VERSION for a version whose digest differs. */
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

export interface RecordsCheck {
  readonly kind: 'records';
  readonly status: CheckStatus;
  readonly read: number;
  /** How many cannot be read; the first of them are listed. */
  readonly count: number;
  readonly unreadable: readonly UnreadableRecord[];
}

export interface LeftoversCheck {
  readonly kind: 'leftovers';
  readonly status: CheckStatus;
  readonly count: number;
  readonly sizeBytes: number;
  /** Groups of commands whose `gc` removes them. */
  readonly groups: readonly ('runs' | 'models' | 'data')[];
}

/** A check that was left out, because another one that it needs has failed or was left out itself. */
export interface SkippedCheck {
  readonly kind: CheckKind;
  readonly status: 'skip';
  /** The check whose failure is the cause. */
  readonly cause: CheckKind;
}

/** A check that could not be made: what it reads is broken in a way that it does not know. */
export interface BrokenCheck {
  readonly kind: CheckKind;
  readonly status: 'fail';
  readonly broken: { readonly message: string; readonly hint: string };
}

export type Check = DoneCheck | SkippedCheck | BrokenCheck;
export type CheckKind = DoneCheck['kind'];

export type DoneCheck =
  | ToldCheck
  | DatabaseCheck
  | NodeCheck
  | RuntimeCheck
  | MachineCheck
  | HomeCheck
  | DiskCheck
  | ConfigurationCheck
  | ModelCheck
  | PageCheck
  | RecordsCheck
  | LeftoversCheck
  | DevicesCheck;
