// Names what process numbers are unique in. Two containers that share a folder may both have a process 7.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

let knownSpace: string | undefined;

/** The machine since its last start and, on Linux, the process namespace. */
export function processSpace(): string {
  knownSpace ??= [hostname(), readBootId(), readNamespace()].join(' ');
  return knownSpace;
}

function readBootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}

function readNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
